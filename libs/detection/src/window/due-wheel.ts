import { DueHeap } from './due-heap.js';
import { grown } from './key-table.js';

/** Slots that come due in the same stretch of time, in no order. */
class Bucket {
  slots = new Int32Array(16);
  size = 0;

  add(slot: number): void {
    if (this.size === this.slots.length) this.slots = grown(this.slots, this.size + 1);
    this.slots[this.size++] = slot;
  }
}

/**
 * When idle keys may be looked at again: coarse on purpose. Forgetting a key a little later changes no result, so a key costs one push into a bucket
 * instead of a place in a heap. Only giving up the oldest key needs an order; for that the oldest bucket is sorted when it is asked for.
 *
 * What is forgotten and given up depends on when slots are really due, never on when they were pushed: a restart pushes them anew, with other times.
 */
export class DueWheel {
  readonly #width: number;
  readonly #buckets = new Map<number, Bucket>();
  /** The sorted bucket and what is due before it. */
  readonly #oldest: DueHeap;
  /** Number of the bucket that was sorted last: what is pushed into it or before it has to be sorted, too. */
  #sorted = -Infinity;
  #first = Infinity;

  /** `width` of a bucket in milliseconds; `name` decides between slots that are due at the same time. */
  constructor(width: number, name: (slot: number) => string) {
    this.#width = width;
    this.#oldest = new DueHeap(name);
  }

  /** When the watermark is above this, `take` gives something; +∞ if nothing waits. */
  get next(): number {
    return (Math.min(this.#first, Math.floor(this.#oldest.next / this.#width)) + 1) * this.#width;
  }

  push(due: number, slot: number): void {
    const index = Math.floor(due / this.#width);
    if (index <= this.#sorted && this.#oldest.size > 0) {
      this.#oldest.push(due, slot);
      return;
    }
    let bucket = this.#buckets.get(index);
    if (!bucket) {
      bucket = new Bucket();
      this.#buckets.set(index, bucket);
    }
    bucket.add(slot);
    if (index < this.#first) this.#first = index;
  }

  /**
   * Hands over every slot whose bucket ends before the watermark. `look` gets that end of a bucket to judge by, not the watermark itself, and gives when the
   * slot is due again, or −1 to forget it.
   */
  take(watermark: number, look: (slot: number, end: number) => number): void {
    const end = watermark === Infinity ? Infinity : (Math.ceil(watermark / this.#width) - 1) * this.#width;
    while (this.#oldest.next < end) this.#again(this.#oldest.pop(), look, end);
    while ((this.#first + 1) * this.#width <= end && this.#buckets.size > 0) {
      const bucket = this.#buckets.get(this.#first)!;
      this.#remove(this.#first);
      for (let i = 0; i < bucket.size; i++) this.#again(bucket.slots[i]!, look, end);
    }
  }

  /** Takes out the slot that is due first by `dueOf`, which may say that a slot is due later than it was pushed for. */
  popOldest(dueOf: (slot: number) => number): number {
    for (;;) {
      while (this.#oldest.size === 0) this.#sort(dueOf);
      const due = this.#oldest.next;
      const slot = this.#oldest.pop();
      const actual = dueOf(slot);
      if (actual <= due) return slot;
      this.push(actual, slot);
    }
  }

  #sort(dueOf: (slot: number) => number): void {
    const index = this.#first;
    const bucket = this.#buckets.get(index)!;
    this.#remove(index);
    this.#sorted = index;
    for (let i = 0; i < bucket.size; i++) {
      const slot = bucket.slots[i]!;
      const due = dueOf(slot);
      if (Math.floor(due / this.#width) <= index) this.#oldest.push(due, slot);
      else this.push(due, slot);
    }
  }

  #again(slot: number, look: (slot: number, end: number) => number, end: number): void {
    const due = look(slot, end);
    if (due >= 0) this.push(due, slot);
  }

  #remove(index: number): void {
    this.#buckets.delete(index);
    this.#first = Infinity;
    for (const other of this.#buckets.keys()) if (other < this.#first) this.#first = other;
  }
}
