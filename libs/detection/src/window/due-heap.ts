import { grown } from './key-table.js';

/**
 * Which slot is due next. A slot has one entry, whose time may be too early but never too late: who takes it out puts it back with the right time.
 * Slots due at the same time come in the order of `name`, so that the order does not depend on how the heap was filled (a restart fills it anew).
 */
export class DueHeap {
  #due = new Float64Array(64);
  #slots = new Int32Array(64);
  readonly #name: (slot: number) => string;
  size = 0;

  constructor(name: (slot: number) => string) {
    this.#name = name;
  }

  /** Time of the next entry, +∞ if there is none. */
  get next(): number {
    return this.size > 0 ? this.#due[0]! : Infinity;
  }

  push(due: number, slot: number): void {
    if (this.size === this.#due.length) {
      this.#due = grown(this.#due, this.size + 1);
      this.#slots = grown(this.#slots, this.size + 1);
    }
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(due, slot, parent)) break;
      this.#due[at] = this.#due[parent]!;
      this.#slots[at] = this.#slots[parent]!;
      at = parent;
    }
    this.#due[at] = due;
    this.#slots[at] = slot;
  }

  /** Takes out the next slot. */
  pop(): number {
    const top = this.#slots[0]!;
    const size = --this.size;
    const due = this.#due[size]!;
    const slot = this.#slots[size]!;
    let at = 0;
    for (let child = 1; child < size; child = at * 2 + 1) {
      if (child + 1 < size && this.#before(this.#due[child + 1]!, this.#slots[child + 1]!, child)) child++;
      if (this.#before(due, slot, child)) break;
      this.#due[at] = this.#due[child]!;
      this.#slots[at] = this.#slots[child]!;
      at = child;
    }
    this.#due[at] = due;
    this.#slots[at] = slot;
    return top;
  }

  #before(due: number, slot: number, other: number): boolean {
    const theirs = this.#due[other]!;
    return due < theirs || (due === theirs && this.#name(slot) < this.#name(this.#slots[other]!));
  }
}
