import { systemClock } from '#time';
import type { Input } from '../input/blocks.js';
import type { Io } from './io.js';

const firstAfter = 1000;
const every = 200;

/** A bar on stderr while a long input is read, for a person only: nothing is written where stderr is not a terminal. */
export class Progress {
  readonly #io: Io;
  readonly #total: number;
  readonly #consumed = new Map<string, number>();
  readonly #started = systemClock.now();
  #shown = 0;

  constructor(inputs: readonly Input[], io: Io) {
    this.#io = io;
    this.#total = inputs.reduce((sum, { size }) => sum + (size ?? NaN), 0);
  }

  show(input: string, consumed: number): void {
    if (!this.#io.errTty) return;
    this.#consumed.set(input, Math.max(consumed, this.#consumed.get(input) ?? 0));
    const now = systemClock.now();
    if (now - this.#started < firstAfter || now - this.#shown < every) return;
    this.#shown = now;
    this.#io.err(`\r\x1b[2K${this.#line((now - this.#started) / 1000)}`);
  }

  clear(): void {
    if (this.#shown) this.#io.err('\r\x1b[2K');
  }

  #line(seconds: number): string {
    const done = [...this.#consumed.values()].reduce((sum, bytes) => sum + bytes, 0);
    const rate = `${megabytes(done / seconds)}/s`;
    if (Number.isNaN(this.#total)) return `${megabytes(done)} read, ${rate}`;
    const share = Math.min(1, done / Math.max(1, this.#total));
    const filled = Math.round(share * 30);
    const left = share > 0 ? Math.round((seconds / share) * (1 - share)) : 0;
    return `[${'#'.repeat(filled)}${'-'.repeat(30 - filled)}] ${Math.round(share * 100)} %  ${rate}  ${left} s left`;
  }
}

/** With a digit behind the point while there are few: `0 MB/s` would look as if nothing moved. */
function megabytes(bytes: number): string {
  const amount = bytes / 1e6;
  return `${amount.toFixed(amount < 10 ? 1 : 0)} MB`;
}
