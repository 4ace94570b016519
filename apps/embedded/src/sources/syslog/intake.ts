import type { RecordBatch, RecordLog } from '#stream';
import { ServiceError, type Logger } from '#telemetry';
import type { Clock, Millis } from '#time';
import { orAborted } from '../abort.js';
import { batchBytes, type Piece } from '../records.js';

export interface IntakeParts {
  readonly source: string;
  readonly log: RecordLog;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Resolves when the pipeline has room for more. */
  readonly room: () => Promise<void>;
}

interface Waiting extends Piece {
  readonly arrival: Millis;
}

const waitAfterFull: Millis = 2000;
/** Pieces that came within so long have one arrival. */
const sameArrival: Millis = 1000;
/** Appends that fail while the service ends are tried so often. */
const lastAttempts = 3;
const newline = Buffer.from('\n');

/** What came over all listeners of a source and waits for the log. Who offers looks at `bytes` first: nothing is refused here. */
export class Intake {
  readonly #parts: IntakeParts;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #wake: () => void = () => undefined;
  readonly #drained: (() => void)[] = [];

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  offer({ payload, count }: Piece): void {
    if (count === 0) return;
    this.#waiting.push({ payload, count, arrival: this.#parts.clock.now() });
    this.#bytes += payload.length;
    this.#wake();
  }

  /** Resolves when what is being appended is safe: then there is room again, or the next append is awaited. */
  drained(): Promise<void> {
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  /** Appends until the signal is aborted. What waits then is for {@link flush}. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#waiting.length === 0) await orAborted(new Promise<void>((resolve) => (this.#wake = resolve)), signal);
      await orAborted(this.#parts.room(), signal);
      if (!signal.aborted) await this.#append(signal);
    }
  }

  /** Appends what waits, room or not: it is nowhere else. Gives the number of messages that found no place. */
  async flush(): Promise<number> {
    for (let attempt = 0; this.#waiting.length > 0 && attempt < lastAttempts; attempt++) await this.#append(undefined);
    return this.#waiting.reduce((sum, { count }) => sum + count, 0);
  }

  async #append(signal: AbortSignal | undefined): Promise<void> {
    const { log, logger, clock, source } = this.#parts;
    const taken = this.#waiting;
    this.#waiting = [];
    for (let attempt = 0; taken.length > 0; attempt++) {
      try {
        await log.append(batchesOf(taken, source));
        for (const { payload } of taken) this.#bytes -= payload.length;
        break;
      } catch (error) {
        if (!(error instanceof ServiceError && error.retryable)) throw error;
        if (attempt === 0) logger.warn('The log takes nothing now; syslog waits.', { reason: error.code, source });
        if (signal) await clock.sleep(waitAfterFull, signal);
        if (signal && !signal.aborted) continue;
        this.#waiting = [...taken, ...this.#waiting];
        break;
      }
    }
    for (const tell of this.#drained.splice(0)) tell();
  }
}

/** Pieces together as batches of about a MiB. */
function batchesOf(pieces: readonly Waiting[], source: string): RecordBatch[] {
  const batches: RecordBatch[] = [];
  let [parts, bytes, count, arrival]: [Uint8Array[], number, number, Millis] = [[], 0, 0, 0];
  const close = (): void => {
    if (count > 0) batches.push({ source, arrival, count, payload: Buffer.concat(parts, bytes) });
    [parts, bytes, count] = [[], 0, 0];
  };
  for (const piece of pieces) {
    if (count > 0 && (bytes + piece.payload.length > batchBytes || piece.arrival - arrival > sameArrival)) close();
    if (count === 0) arrival = piece.arrival;
    parts.push(piece.payload);
    bytes += piece.payload.length;
    count += piece.count;
    if (piece.payload[piece.payload.length - 1] === 10) continue;
    parts.push(newline);
    bytes++;
  }
  close();
  return batches;
}
