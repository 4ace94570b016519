import { Event, type FieldIndex, type FieldValue, type JsonObject } from '#ecs';
import type { StoredEvents, SweepQuery } from './event-store.js';

/** An event as one line of JSON: with all that the detector goes by, which no ECS document has (place in the log, arrival, both times). */
interface SweptLine {
  readonly offset: number;
  readonly arrival: number;
  readonly source: string;
  readonly identity: { readonly tag: string; readonly position: number; readonly own?: string };
  readonly time: number;
  readonly stamp: number;
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly extra?: JsonObject;
}

/** The last line: without it the answer was cut off. */
const endLine = '{"end":true}';

/** `names` by slot. */
function lineOf({ offset, arrival, source, identity, time, stamp, values, extra }: Event, names: readonly string[]): string {
  const fields: Record<string, FieldValue> = {};
  values.forEach((value, slot) => {
    if (value !== undefined) fields[names[slot]!] = value;
  });
  const line: SweptLine = { offset, arrival, source, identity, time, stamp, fields, ...(extra && { extra }) };
  return JSON.stringify(line);
}

/** Stored events as NDJSON, a page at a time. */
export async function* sweptLines(events: StoredEvents, query: SweepQuery): AsyncGenerator<string> {
  for await (const page of events.sweep(query)) {
    const names = query.index.names();
    yield page.map((event) => `${lineOf(event, names)}\n`).join('');
  }
  yield `${endLine}\n`;
}

/** The event of a line; undefined for the last line of all. */
export function sweptEvent(line: string, index: FieldIndex): Event | undefined {
  if (line === endLine) return undefined;
  const { offset, arrival, source, identity, time, stamp, fields, extra } = JSON.parse(line) as SweptLine;
  const event = new Event(offset, arrival, source, identity, index.size);
  event.time = time;
  event.stamp = stamp;
  for (const [name, value] of Object.entries(fields)) event.values[index.slot(name)] = value;
  event.extra = extra;
  return event;
}
