import type { RecordLog } from '#stream';
import { ServiceError, type Logger } from '#telemetry';
import type { Clock, Millis } from '#time';
import type { Block } from '../input/blocks.js';
import { orAborted } from './abort.js';
import { countRecords } from './records.js';

export interface StdinParts {
  /** Whole lines as they come: `openInput('-').blocks()`. */
  readonly blocks: AsyncIterable<Block>;
  readonly source: string;
  readonly log: RecordLog;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Resolves when the pipeline has room for more. */
  readonly room: () => Promise<void>;
  readonly signal: AbortSignal;
}

const waitAfterFull: Millis = 2000;

/** Appends what comes on standard input until it ends or the signal is aborted. Gives the number of records. */
export async function readStdin(parts: StdinParts): Promise<number> {
  const { blocks, room, signal } = parts;
  const reading = blocks[Symbol.asyncIterator]();
  let records = 0;
  while (!signal.aborted) {
    // A pipe may stay silent for ever: the end of the service must not wait for it.
    const block = await orAborted(reading.next(), signal);
    if (!block || block.done) break;
    await orAborted(room(), signal);
    records += await append(block.value, parts);
  }
  return records;
}

// A block that was read and not appended is lost with the process, as everything in a pipe is; so it is tried until there is room.
async function append({ payload, header }: Block, { source, log, clock, logger, signal }: StdinParts): Promise<number> {
  const count = countRecords(payload);
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      await log.append([{ source, arrival: clock.now(), payload, count, ...(header !== undefined && { header }) }]);
      return count;
    } catch (error) {
      if (!(error instanceof ServiceError && error.retryable)) throw error;
      if (attempt === 0) logger.warn('The log takes nothing now; standard input waits.', { reason: error.code });
      await clock.sleep(waitAfterFull, signal);
    }
  }
  return 0;
}
