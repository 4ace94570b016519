import { grown } from './key-table.js';

const listed = 1;
const used = 2;
const gone = 4;

/** Slots going round: those that were used since they were last looked at come again, so what `take` gives was left alone for a round. */
export class SlotRing {
  /** The slots are numbers of a ring from `#first` on, modulo its length. */
  #ring = new Int32Array(64);
  #first = 0;
  #next = 0;
  #marks = new Uint8Array(64);
  /** Slots that were added and not removed. */
  size = 0;

  add(slot: number): void {
    if (slot >= this.#marks.length) this.#marks = grown(this.#marks, slot + 1);
    const mark = this.#marks[slot]!;
    if (mark & listed && !(mark & gone)) return;
    this.size++;
    this.#marks[slot] = listed;
    // Its place from before it was removed serves again.
    if ((mark & listed) === 0) this.#push(slot);
  }

  use(slot: number): void {
    this.#marks[slot]! |= used;
  }

  /** Nothing happens to one that is not there. */
  remove(slot: number): void {
    const mark = this.#marks[slot];
    if (mark === undefined || (mark & listed) === 0 || (mark & gone) !== 0) return;
    this.#marks[slot] = listed | gone;
    this.size--;
  }

  /** Looks at the first and takes it out; −1 if it was used, and stays, or is no longer there. */
  take(): number {
    if (this.#first === this.#next) return -1;
    const slot = this.#ring[this.#first++ & (this.#ring.length - 1)]!;
    const mark = this.#marks[slot]!;
    if (mark & used) {
      this.#marks[slot] = listed;
      this.#push(slot);
      return -1;
    }
    this.#marks[slot] = 0;
    if (mark & gone) return -1;
    this.size--;
    return slot;
  }

  #push(slot: number): void {
    const { length } = this.#ring;
    if (this.#next - this.#first === length) {
      const ring = new Int32Array(length * 2);
      for (let number = this.#first; number < this.#next; number++) ring[number & (length * 2 - 1)] = this.#ring[number & (length - 1)]!;
      this.#ring = ring;
    }
    this.#ring[this.#next++ & (this.#ring.length - 1)] = slot;
  }
}
