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
 */
export class DueWheel {
  readonly #width: number;
  readonly #buckets = new Map<number, Bucket>();
  readonly #oldest: DueHeap;
  #first = Infinity;

  /** `width` of a bucket in milliseconds; `name` decides between slots that are due at the same time. */
  constructor(width: number, name: (slot: number) => string) {
    this.#width = width;
    this.#oldest = new DueHeap(name);
  }

  /** When the watermark is above this, `take` gives something; +∞ if nothing waits. */
  get next(): number {
    return Math.min(this.#oldest.next, (this.#first + 1) * this.#width);
  }

  push(due: number, slot: number): void {
    const index = Math.floor(due / this.#width);
    let bucket = this.#buckets.get(index);
    if (!bucket) {
      bucket = new Bucket();
      this.#buckets.set(index, bucket);
    }
    bucket.add(slot);
    if (index < this.#first) this.#first = index;
  }

  /** Hands over every slot that is due before the watermark; `look` gives when it is due again, or −1 to forget it. */
  take(watermark: number, look: (slot: number) => number): void {
    while (this.#oldest.next < watermark) this.#again(this.#oldest.pop(), look);
    while ((this.#first + 1) * this.#width < watermark) {
      const bucket = this.#buckets.get(this.#first)!;
      this.#remove(this.#first);
      for (let i = 0; i < bucket.size; i++) this.#again(bucket.slots[i]!, look);
    }
  }

  /** Takes out the slot that is due first by `dueOf`, which may say that a slot is due later than it was pushed for. */
  popOldest(dueOf: (slot: number) => number): number {
    for (;;) {
      if (this.#oldest.size === 0) {
        const bucket = this.#buckets.get(this.#first)!;
        this.#remove(this.#first);
        for (let i = 0; i < bucket.size; i++) this.#oldest.push(dueOf(bucket.slots[i]!), bucket.slots[i]!);
      }
      const due = this.#oldest.next;
      const slot = this.#oldest.pop();
      const actual = dueOf(slot);
      if (actual <= due) return slot;
      this.push(actual, slot);
    }
  }

  #again(slot: number, look: (slot: number) => number): void {
    const due = look(slot);
    if (due >= 0) this.push(due, slot);
  }

  #remove(index: number): void {
    this.#buckets.delete(index);
    this.#first = Infinity;
    for (const other of this.#buckets.keys()) if (other < this.#first) this.#first = other;
  }
}
