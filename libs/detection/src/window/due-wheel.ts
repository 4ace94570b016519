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

/** Buckets by number of their stretch of time. */
class Buckets {
  readonly #byIndex = new Map<number, Bucket>();
  first = Infinity;

  constructor(readonly width: number) {}

  push(due: number, slot: number): void {
    const index = Math.floor(due / this.width);
    let bucket = this.#byIndex.get(index);
    if (!bucket) {
      bucket = new Bucket();
      this.#byIndex.set(index, bucket);
    }
    bucket.add(slot);
    if (index < this.first) this.first = index;
  }

  takeFirst(): Bucket {
    const bucket = this.#byIndex.get(this.first)!;
    this.#byIndex.delete(this.first);
    this.first = Infinity;
    for (const index of this.#byIndex.keys()) if (index < this.first) this.first = index;
    return bucket;
  }
}

/** A flood puts millions of keys into one bucket: it is cut into this many before the oldest part of it is sorted. */
const parts = 256;

/**
 * When idle keys may be looked at again: coarse on purpose. Forgetting a key a little later changes no result, so a key costs one push into a bucket
 * instead of a place in a heap. Only giving up the oldest key needs an order: then the oldest bucket is cut into fine ones, and the oldest of these is
 * sorted. What is pushed for a stretch that was cut or sorted already goes where its stretch is, so the order is that of (due, name), whatever came when.
 *
 * What is forgotten and given up depends on when slots are really due, never on when they were pushed: a restart pushes them anew, with other times.
 */
export class DueWheel {
  readonly #coarse: Buckets;
  readonly #fine: Buckets;
  readonly #oldest: DueHeap;
  /** Everything due before this is in `#fine` or `#oldest`. */
  #cutBelow = -Infinity;
  /** Everything due before this is in `#oldest`. */
  #sortedBelow = -Infinity;

  /** `width` of a bucket in milliseconds; `name` decides between slots that are due at the same time. */
  constructor(width: number, name: (slot: number) => string) {
    this.#coarse = new Buckets(width);
    this.#fine = new Buckets(width / parts);
    this.#oldest = new DueHeap(name);
  }

  /** When the watermark is above this, `take` gives something; +∞ if nothing waits. */
  get next(): number {
    const { width } = this.#coarse;
    return (Math.floor(Math.min(this.#oldest.next, startOf(this.#fine), startOf(this.#coarse)) / width) + 1) * width;
  }

  push(due: number, slot: number): void {
    if (due >= this.#cutBelow) this.#coarse.push(due, slot);
    else if (due >= this.#sortedBelow) this.#fine.push(due, slot);
    else this.#oldest.push(due, slot);
  }

  /**
   * Hands over every slot whose bucket ends before the watermark. `look` gets that end of a bucket to judge by, not the watermark itself, and gives when the
   * slot is due again, or −1 to forget it.
   */
  take(watermark: number, look: (slot: number, end: number) => number): void {
    const { width } = this.#coarse;
    const end = watermark === Infinity ? Infinity : (Math.ceil(watermark / width) - 1) * width;
    while (this.#oldest.next < end) this.#again(this.#oldest.pop(), look, end);
    for (const buckets of [this.#fine, this.#coarse]) {
      while (startOf(buckets) < end) {
        const bucket = buckets.takeFirst();
        for (let i = 0; i < bucket.size; i++) this.#again(bucket.slots[i]!, look, end);
      }
    }
  }

  /** Takes out the slot that is due first by `dueOf`, which may say that a slot is due later than it was pushed for. */
  popOldest(dueOf: (slot: number) => number): number {
    for (;;) {
      if (this.#oldest.size === 0) this.#sort(dueOf);
      const due = this.#oldest.next;
      const slot = this.#oldest.pop();
      const actual = dueOf(slot);
      if (actual <= due) return slot;
      this.push(actual, slot);
    }
  }

  /** Moves the oldest fine bucket into the heap; slots that turn out to be due later go to where they belong. */
  #sort(dueOf: (slot: number) => number): void {
    while (this.#oldest.size === 0) {
      if (this.#fine.first === Infinity) {
        this.#cutBelow = endOf(this.#coarse);
        this.#spread(this.#coarse.takeFirst(), dueOf);
      } else {
        this.#sortedBelow = endOf(this.#fine);
        this.#spread(this.#fine.takeFirst(), dueOf);
      }
    }
  }

  #spread(bucket: Bucket, dueOf: (slot: number) => number): void {
    for (let i = 0; i < bucket.size; i++) this.push(dueOf(bucket.slots[i]!), bucket.slots[i]!);
  }

  #again(slot: number, look: (slot: number, end: number) => number, end: number): void {
    const due = look(slot, end);
    if (due >= 0) this.push(due, slot);
  }
}

function startOf(buckets: Buckets): number {
  return buckets.first * buckets.width;
}

function endOf(buckets: Buckets): number {
  return (buckets.first + 1) * buckets.width;
}
