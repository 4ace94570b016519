import type { ByteReader, ByteWriter } from '../../window/bytes.js';
import { SortedKey } from '../../window/sorted-window.js';

/** Ids kept per key; above it the one not seen for longest is forgotten. */
const most = 2048;
/** Ids before the one at hand whose distance is tried as a stride. */
const recentIds = 8;

/** An id of a key as last seen. */
export interface Step {
  readonly time: number;
  readonly offset: number;
}

/** Ids of one key by number, the one seen last at the end. */
export class WalkKey extends SortedKey {
  readonly steps = new Map<number, Step>();
  /** The ids seen last; those that were forgotten meanwhile are no steps any more. */
  readonly recent: number[] = [];
  #newest = -Infinity;

  see(id: number, step: Step): void {
    this.steps.delete(id);
    this.#add(id, step);
    if (this.steps.size > most) this.steps.delete(this.steps.keys().next().value!);
  }

  /** Events are taken in order of time, so the oldest ids stand first. */
  pruneOwn(horizon: number): number {
    for (const [id, { time }] of this.steps) {
      if (time >= horizon) return this.#newest;
      this.steps.delete(id);
    }
    return -Infinity;
  }

  #add(id: number, step: Step): void {
    this.steps.set(id, step);
    this.#newest = step.time;
    const known = this.recent.indexOf(id);
    if (known >= 0) this.recent.splice(known, 1);
    else if (this.recent.length === recentIds) this.recent.shift();
    this.recent.push(id);
  }

  protected writeOwn(into: ByteWriter): void {
    into.whole(this.steps.size);
    for (const [id, { time, offset }] of this.steps) for (const number of [id, time, offset]) into.number(number);
  }

  protected readOwn(from: ByteReader): void {
    for (let left = from.whole(); left > 0; left--) this.#add(from.number(), { time: from.number(), offset: from.number() });
  }
}
