import type { ByteReader, ByteWriter } from '../../window/bytes.js';
import type { Episode } from '../../window/episode.js';
import type { KeyState } from '../../window/object-window.js';

/** Nothing of this type opens episodes. */
const noEpisodes: readonly Episode[] = [];

/**
 * Who did well with a key, by hash, and in which cell of time. Of cells that are over no more is kept than the `most` who were seen last, of each other
 * cell the `most` with the smallest hashes: enough to tell whether there were `most` of them in any stretch of cells that is still asked for.
 */
export class CrowdKey implements KeyState {
  readonly episodes = noEpisodes;
  closing = Infinity;
  #values: number[] = [];
  #cells: number[] = [];
  /** Cells below this one are over: nothing can be added to them. */
  #over = -Infinity;

  constructor(
    private readonly most: number,
    private readonly width: number,
  ) {}

  /** Whether anything became known by that. */
  add(value: number, cell: number): boolean {
    let own = 0;
    let largest = -1;
    for (let i = 0; i < this.#cells.length; i++) {
      if (this.#cells[i] !== cell) continue;
      if (this.#values[i] === value) return false;
      own++;
      if (largest < 0 || this.#values[i]! > this.#values[largest]!) largest = i;
    }
    if (own < this.most) {
      this.#values.push(value);
      this.#cells.push(cell);
    } else if (value < this.#values[largest]!) this.#values[largest] = value;
    else return false;
    return true;
  }

  /** Sightings kept. */
  get size(): number {
    return this.#values.length;
  }

  /** Whether `most` did well in the cells from `from` to `to`. */
  reaches(from: number, to: number): boolean {
    if (this.#values.length < this.most) return false;
    const seen: number[] = [];
    for (let i = 0; i < this.#cells.length; i++) {
      if (this.#cells[i]! < from || this.#cells[i]! > to || seen.includes(this.#values[i]!)) continue;
      if (seen.push(this.#values[i]!) === this.most) return true;
    }
    return false;
  }

  /** Cells below `over` are over: of each value the newest of them stays, and of those the `most` newest. */
  settle(over: number): void {
    if (over <= this.#over) return;
    this.#over = over;
    const newest = new Map<number, number>();
    for (let i = 0; i < this.#cells.length; i++) {
      const [value, cell] = [this.#values[i]!, this.#cells[i]!];
      if (cell < over) newest.set(value, Math.max(cell, newest.get(value) ?? cell));
    }
    const kept = [...newest].sort((one, other) => other[1] - one[1] || one[0] - other[0]).slice(0, this.most);
    for (let i = 0; i < this.#cells.length; i++) if (this.#cells[i]! >= over) kept.push([this.#values[i]!, this.#cells[i]!]);
    this.#values = kept.map(([value]) => value);
    this.#cells = kept.map(([, cell]) => cell);
  }

  prune(horizon: number): number {
    let newest = -Infinity;
    const kept = this.#cells.flatMap((cell, i) => ((cell + 1) * this.width > horizon ? [i] : []));
    if (kept.length < this.#cells.length) {
      this.#values = kept.map((i) => this.#values[i]!);
      this.#cells = kept.map((i) => this.#cells[i]!);
    }
    for (const cell of this.#cells) newest = Math.max(newest, (cell + 1) * this.width);
    return newest;
  }

  write(into: ByteWriter): void {
    into.number(this.#over === -Infinity ? -1 : this.#over);
    into.whole(this.#values.length);
    this.#values.forEach((value, i) => {
      into.whole(value);
      into.number(this.#cells[i]!);
    });
  }

  read(from: ByteReader): void {
    const over = from.number();
    this.#over = over === -1 ? -Infinity : over;
    for (let left = from.whole(); left > 0; left--) {
      this.#values.push(from.whole());
      this.#cells.push(from.number());
    }
  }
}
