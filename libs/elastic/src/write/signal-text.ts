import { signalDocument, type JsonObject, type Signal } from '#ecs';

/** A signal as it is stored: its ECS document, and the signal itself as text that nothing indexes, so that it can be given back to the letter. */
export function signalText(signal: Signal): string {
  const document = signalDocument(signal);
  const gatewatch = document['gatewatch'] as JsonObject;
  gatewatch['signal'] = { ...(gatewatch['signal'] as JsonObject), record: JSON.stringify(signal) };
  return JSON.stringify(document);
}
