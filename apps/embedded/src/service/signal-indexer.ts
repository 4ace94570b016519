import type { TaskStore } from '#detection';
import type { SignalSink } from '#query';
import type { Logger } from '#telemetry';
import type { Clock, Millis } from '#time';

export interface SignalIndexerParts {
  readonly tasks: TaskStore;
  readonly sink: SignalSink;
  readonly clock: Clock;
  readonly logger: Logger;
}

const run = 500;
const pause: Millis = 2000;

/** Brings signals from the journal into the store for searching, from the store's own mark, so that a crash or a full disk loses none. */
export async function indexSignals({ tasks, sink, clock, logger }: SignalIndexerParts, signal: AbortSignal): Promise<void> {
  let failing = false;
  while (!signal.aborted) {
    const entries = tasks.journal(sink.signalMark(), run);
    const last = entries.at(-1);
    if (!last) {
      await tasks.waitForJournal(sink.signalMark(), signal);
      continue;
    }
    try {
      await sink.putSignals(
        entries.map((entry) => entry.signal),
        last.sequence,
      );
      failing = false;
    } catch (error) {
      if (!failing) logger.warn('Signals cannot be stored now; they wait in the journal.', { reason: (error as Error).message });
      failing = true;
      await clock.sleep(pause, signal);
    }
  }
}
