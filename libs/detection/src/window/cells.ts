import type { ByteReader, ByteWriter } from './bytes.js';
import { Episode } from './episode.js';
import type { KeyState } from './object-window.js';

/** What one key did in one stretch of time. */
export interface Cell {
  /** Its number: time divided by the width, rounded down. */
  readonly index: number;
  count: number;
  /** The first counted event by (time, offset), and the time of the last one. */
  first: number;
  offset: number;
  id: string;
  last: number;
  /** Events beside the counted ones, for rule types that need a whole to compare with. */
  others: number;
}

/** The cells of one key in order of time. Counts do not depend on the order in which events came. */
export class CellKey implements KeyState {
  cells: Cell[] = [];
  episodes: Episode[] = [];
  closing = Infinity;
  /** Every cell up to this one was judged. */
  judged = -1;
  /** Cell from which on the key is known without a pause longer than the memory; −1 before the first judgement. */
  since = -1;
  #latest: Cell | undefined;

  constructor(private readonly width: number) {}

  /** The cell of a number, made if it is new: then its `last` is −∞. */
  cell(index: number): Cell {
    if (this.#latest?.index === index) return this.#latest;
    const { cells } = this;
    let at = cells.length;
    while (at > 0 && cells[at - 1]!.index > index) at--;
    const known = at > 0 && cells[at - 1]!.index === index ? cells[at - 1] : undefined;
    const cell = known ?? { index, count: 0, first: Infinity, offset: -1, id: '', last: -Infinity, others: 0 };
    if (!known) cells.splice(at, 0, cell);
    this.#latest = cell;
    return cell;
  }

  /** The cell of a number if there is one. */
  at(index: number): Cell | undefined {
    for (let i = this.cells.length - 1; i >= 0 && this.cells[i]!.index >= index; i--)
      if (this.cells[i]!.index === index) return this.cells[i];
    return undefined;
  }

  /** Cells from one number to another, both included, in order. */
  between(from: number, to: number): Cell[] {
    return this.cells.filter(({ index }) => index >= from && index <= to);
  }

  prune(horizon: number): number {
    let count = 0;
    while (count < this.cells.length && (this.cells[count]!.index + 1) * this.width < horizon && this.cells[count]!.index <= this.judged)
      count++;
    if (count > 0) {
      this.cells.splice(0, count);
      this.#latest = undefined;
    }
    const newest = this.cells.at(-1);
    return newest ? (newest.index + 1) * this.width : -Infinity;
  }

  write(into: ByteWriter): void {
    into.number(this.judged);
    into.number(this.since);
    into.whole(this.cells.length);
    for (const { index, count, first, offset, id, last, others } of this.cells) {
      for (const number of [index, count, others]) into.number(number);
      into.byte(offset < 0 ? 0 : 1);
      if (offset < 0) continue;
      for (const number of [first, last, offset]) into.number(number);
      into.text(id);
    }
    into.whole(this.episodes.length);
    for (const episode of this.episodes) episode.write(into);
  }

  read(from: ByteReader): void {
    this.judged = from.number();
    this.since = from.number();
    this.cells = Array.from({ length: from.whole() }, (): Cell => {
      const [index, count, others] = [from.number(), from.number(), from.number()];
      if (from.byte() === 0) return { index, count, others, first: Infinity, offset: -1, id: '', last: -Infinity };
      const [first, last, offset] = [from.number(), from.number(), from.number()];
      return { index, count, others, first, last, offset, id: from.text() };
    });
    this.episodes = Array.from({ length: from.whole() }, () => new Episode().read(from));
  }
}
