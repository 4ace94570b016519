import { Worker } from 'node:worker_threads';
import type { Block, Input } from '../input/blocks.js';
import type { ReadingSettings } from './block-reader.js';
import type { ReadBlock, ThinFields } from './read-block.js';

export type ToWorker = { readonly thin: ThinFields } | { readonly id: number; readonly payload: Uint8Array; readonly header?: string };
export interface FromWorker {
  readonly id: number;
  readonly block: ReadBlock;
}

interface Waiting {
  resolve(block: ReadBlock): void;
  reject(error: Error): void;
}

/** Blocks under way per worker: one is read while the next one waits. */
const ahead = 2;

/** Threads that read and match lines; what they read comes back in the order of the input. */
export class LineWorkers {
  readonly #workers: Worker[];
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  #failure: Error | undefined;

  constructor(count: number, settings: ReadingSettings) {
    this.#workers = Array.from({ length: count }, () => {
      const worker = new Worker(new URL('./line-worker.js', import.meta.url), { workerData: settings, execArgv: [] });
      worker.on('message', ({ id, block }: FromWorker) => {
        this.#waiting.get(id)?.resolve(block);
        this.#waiting.delete(id);
      });
      worker.on('error', (error) => this.#fail(error));
      return worker;
    });
  }

  /** What windows read of thin events: to be said before the first block. */
  begin(thin: ThinFields): void {
    for (const worker of this.#workers) worker.postMessage({ thin } satisfies ToWorker);
  }

  /** The blocks of an input, read. Errors of the input come after all that was read before them. */
  async *read(input: Input): AsyncIterable<{ readonly read: ReadBlock; readonly consumed: number }> {
    const blocks = input.blocks()[Symbol.asyncIterator]();
    const underWay: { readonly answer: Promise<ReadBlock>; readonly consumed: number }[] = [];
    let broken: Error | undefined;
    for (let more = true; more || underWay.length > 0;) {
      if (more && underWay.length < ahead * this.#workers.length) {
        const step = await blocks.next().catch((error: unknown) => void (broken = error as Error));
        more = step !== undefined && !step.done;
        if (step && !step.done) underWay.push(this.#hand(step.value));
        continue;
      }
      const { answer, consumed } = underWay.shift()!;
      yield { read: await answer, consumed };
    }
    if (broken) throw broken;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #hand({ payload, consumed, header }: Block): { answer: Promise<ReadBlock>; consumed: number } {
    const id = this.#next++;
    // A copy of its own: the block shares its memory with the line that is carried over to the next one.
    const own = Uint8Array.from(payload);
    const answer = new Promise<ReadBlock>((resolve, reject) => {
      if (this.#failure) reject(this.#failure);
      else this.#waiting.set(id, { resolve, reject });
    });
    // It is awaited in its turn; until then a failure is nobody's.
    answer.catch(() => undefined);
    this.#workers[id % this.#workers.length]!.postMessage(
      { id, payload: own, ...(header !== undefined && { header }) } satisfies ToWorker,
      [own.buffer],
    );
    return { answer, consumed };
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
