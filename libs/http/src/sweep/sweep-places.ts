import { Readable } from 'node:stream';
import { Problem } from '../problem.js';
import type { Clock } from '#time';

/** Who reads nothing for so long gives up the place: a place that is held and not used keeps others out. */
const patience = 120_000;

/** Sweeps that run at the same time: each reads the store from end to end, so that many would take it from those who search. */
export class SweepPlaces {
  #taken = 0;

  constructor(
    private readonly most: number,
    private readonly clock: Clock,
  ) {}

  /** A stream of the lines, which holds a place until it is closed. @throws Problem 429 `too_many_sweeps` when all are taken */
  stream(lines: AsyncIterable<string>): Readable {
    if (this.#taken >= this.most)
      throw new Problem(
        429,
        'too_many_sweeps',
        `${this.most} sweeps over the stored events are running, and no more may: try again when one has ended.`,
        {
          retryAfter: 10_000,
        },
      );
    this.#taken++;
    let lastRead = this.clock.now();
    const readable = Readable.from(watched(lines, () => (lastRead = this.clock.now())));
    const closed = new AbortController();
    readable.once('close', () => {
      this.#taken--;
      closed.abort();
    });
    void this.#watch(readable, { closed: closed.signal, lastRead: () => lastRead });
    return readable;
  }

  async #watch(readable: Readable, { closed, lastRead }: { closed: AbortSignal; lastRead: () => number }): Promise<void> {
    while (!closed.aborted) {
      await this.clock.sleep(patience, closed);
      if (this.clock.now() - lastRead() >= patience) readable.destroy();
    }
  }

  get taken(): number {
    return this.#taken;
  }
}

async function* watched(lines: AsyncIterable<string>, onRead: () => void): AsyncGenerator<string> {
  for await (const line of lines) {
    onRead();
    yield line;
  }
}
