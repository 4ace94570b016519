import type { EventSink, Ingested } from '#ingest';
import { isTick, type LoggedBatch, type RecordLog } from '#stream';
import { ServiceError, type Logger } from '#telemetry';
import type { Clock, Millis } from '#time';

export interface IndexerParts {
  readonly sink: EventSink;
  readonly log: RecordLog;
  /** Reads records again that the fold has passed already, when the store had fallen behind. Without dedupe: the store knows the ids it has. */
  readonly reread: (batch: LoggedBatch, from: number) => Ingested;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Events that may wait for the store before the fold waits too. */
const mostWaiting = 20_000;
const firstPause: Millis = 500;
const longestPause: Millis = 30_000;

/**
 * The index task: brings events into the store behind the fold's back. While the store keeps pace it takes what the fold has parsed (one parse an event);
 * when the store fails, detection goes on without it and this task catches up from the log, from the store's own mark.
 */
export class Indexer {
  readonly #parts: IndexerParts;
  #queue: Ingested[] = [];
  /** Events and dead letters in the queue. */
  #waiting = 0;
  /** Offset up to which stretches were taken over for storing. */
  #taken: number;
  #failure: string | undefined;
  #wakeWorker: () => void = () => undefined;
  #wakeFold: (() => void)[] = [];
  #stopping = false;
  #pause = firstPause;

  constructor(parts: IndexerParts) {
    this.#parts = parts;
    this.#taken = parts.sink.mark();
  }

  /** Why the store cannot be written to now; undefined when it can. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Hands over a stretch. Waits while the queue is full: that is the back-pressure of a store that is merely slower. */
  async offer(ingested: Ingested): Promise<void> {
    while (this.#waiting >= mostWaiting && !this.#failure && !this.#stopping) {
      await new Promise<void>((resolve) => this.#wakeFold.push(resolve));
    }
    // Behind, or with a gap before this stretch: the catch-up reads it from the log.
    if (this.#failure || ingested.from > this.#taken) return this.#wakeWorker();
    if (ingested.to <= this.#taken) return;
    this.#enqueue(ingested.from < this.#taken ? above(ingested, this.#taken) : ingested);
    this.#taken = ingested.to;
    this.#wakeWorker();
  }

  /** Runs until `signal` is aborted and what was handed over is stored, or the store refuses. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = (): void => {
      this.#stopping = true;
      this.#wakeWorker();
      this.#release();
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    for (;;) {
      if (this.#queue.length) {
        // Everything that waits goes in one append: many small stretches cost as many transactions as they are.
        const stretch = joined(this.#queue);
        this.#queue = [];
        if (!(await this.#store(stretch, signal)) && this.#stopping) return;
        continue;
      }
      if (this.#stopping) return;
      if (await this.#catchUp(signal)) continue;
      await new Promise<void>((resolve) => {
        this.#wakeWorker = resolve;
        if (this.#queue.length || this.#stopping) resolve();
      });
    }
  }

  /** Offsets the fold has passed and the store has not. */
  behind(position: number): number {
    return Math.max(0, position - this.#parts.sink.mark());
  }

  /** The fold's position, so that the catch-up knows where to stop. */
  position: () => number = () => 0;

  async #store(stretch: Ingested, signal: AbortSignal): Promise<boolean> {
    const { sink, clock, logger } = this.#parts;
    try {
      await sink.append(stretch);
      if (this.#failure) logger.info('The event store takes events again.', { mark: sink.mark() });
      this.#failure = undefined;
      this.#pause = firstPause;
      this.#waiting -= rowsOf(stretch);
      this.#release();
      return true;
    } catch (error) {
      const reason = (error as Error).message;
      if (!(error instanceof ServiceError && error.retryable))
        logger.error('The event store refused a stretch.', { reason, from: stretch.from });
      else if (!this.#failure)
        logger.warn('The event store cannot be written; detection goes on and indexing waits in the log.', { reason });
      this.#failure = reason;
      // Forget what is queued: it is in the log, and holding it would be unbounded.
      this.#queue = [];
      this.#waiting = 0;
      this.#taken = sink.mark();
      this.#release();
      if (!this.#stopping) await clock.sleep(this.#pause, signal);
      this.#pause = Math.min(this.#pause * 2, longestPause);
      return false;
    }
  }

  async #catchUp(signal: AbortSignal): Promise<boolean> {
    const { log, reread } = this.#parts;
    if (this.#taken >= this.position()) {
      this.#failure = undefined;
      return false;
    }
    for (const entry of log.read(this.#taken, 1 << 20)) {
      // The fold handed something over meanwhile: that comes first.
      if (this.#queue.length) return true;
      const to = isTick(entry) ? entry.offset + 1 : entry.offset + entry.count;
      if (to <= this.#taken) continue;
      const stretch = isTick(entry) ? emptyStretch(entry.offset) : reread(entry, Math.max(this.#taken, entry.offset));
      this.#taken = to;
      this.#waiting += rowsOf(stretch);
      if (!(await this.#store(stretch, signal))) return true;
      if (this.#taken >= this.position()) break;
    }
    return true;
  }

  #enqueue(stretch: Ingested): void {
    this.#queue.push(stretch);
    this.#waiting += rowsOf(stretch);
  }

  #release(): void {
    for (const wake of this.#wakeFold.splice(0)) wake();
  }
}

/** The stretch of a progress record: nothing to store, but the mark passes it. */
export function emptyStretch(offset: number): Ingested {
  return { from: offset, to: offset + 1, events: [], deadLetters: [], duplicates: [], blank: {} };
}

/** The part of a stretch from an offset on. Empty lines have no offsets of their own: they are what is left when all else is counted. */
function above({ to, events, deadLetters, duplicates, blank }: Ingested, from: number): Ingested {
  const later = ({ offset }: { offset: number }): boolean => offset >= from;
  const rest = { events: events.filter(later), deadLetters: deadLetters.filter(later), duplicates: duplicates.filter(later) };
  const empty = to - from - rest.events.length - rest.deadLetters.length - rest.duplicates.length;
  const [source] = Object.keys(blank);
  return { from, to, ...rest, blank: source !== undefined && empty > 0 ? { [source]: empty } : {} };
}

function rowsOf({ events, deadLetters }: Ingested): number {
  return events.length + deadLetters.length;
}

/** Stretches that follow each other, as one. */
function joined(stretches: readonly Ingested[]): Ingested {
  const [first, ...rest] = stretches;
  if (!first || rest.length === 0) return first!;
  const blank: Record<string, number> = {};
  for (const stretch of stretches)
    for (const [source, amount] of Object.entries(stretch.blank)) blank[source] = (blank[source] ?? 0) + amount;
  return {
    from: first.from,
    to: stretches.at(-1)!.to,
    events: stretches.flatMap(({ events }) => events),
    deadLetters: stretches.flatMap(({ deadLetters }) => deadLetters),
    duplicates: stretches.flatMap(({ duplicates }) => duplicates),
    blank,
  };
}
