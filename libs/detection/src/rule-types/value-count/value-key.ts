import type { ByteReader, ByteWriter } from '../../window/bytes.js';
import { Entries } from '../../window/entries.js';
import { Episode } from '../../window/episode.js';
import { DistinctCount } from '../../window/sketch.js';
import type { KeyState } from '../../window/object-window.js';

/**
 * An episode with what decides how it can go on: for each of the N values that came first its first occurrence (`head`), for each of the N values that
 * came last its last occurrence (`tail`).
 */
export class ValueEpisode extends Episode {
  head = new Entries(true);
  tail = new Entries(true);
  values: DistinctCount;

  constructor(exact: number) {
    super();
    this.values = new DistinctCount(exact);
  }

  override get distinct(): number {
    return this.values.count;
  }
}

/** Values counted exactly before the sketch begins. */
export function exactValues(threshold: number): number {
  return Math.max(128, 2 * threshold);
}

/** Shared by all keys without: most have none. */
const noEpisodes: readonly ValueEpisode[] = [];

/** What is known of one key: events outside episodes with the hash of their value, and the open episodes in time order. */
export class ValueKey implements KeyState {
  loose = new Entries(true);
  /** How many loose events each value has: made once there are enough of them to matter. */
  #values: Map<number, number> | undefined;
  episodes: readonly ValueEpisode[] = noEpisodes;
  closing = Infinity;

  constructor(private readonly threshold: number) {}

  add(time: number, offset: number, value: number): void {
    this.loose.insert(this.loose.place(time, offset), time, offset, value);
    this.#values?.set(value, (this.#values.get(value) ?? 0) + 1);
  }

  /** Whether the loose events have too few values for a window. */
  get isPoor(): boolean {
    if (this.loose.length < this.threshold) return true;
    if (!this.#values) {
      this.#values = new Map();
      for (let i = 0; i < this.loose.length; i++) this.#values.set(this.loose.mark(i), (this.#values.get(this.loose.mark(i)) ?? 0) + 1);
    }
    return this.#values.size < this.threshold;
  }

  remove(from: number, count: number): void {
    for (let i = from; this.#values && i < from + count; i++) {
      const value = this.loose.mark(i);
      const left = (this.#values.get(value) ?? 1) - 1;
      if (left > 0) this.#values.set(value, left);
      else this.#values.delete(value);
    }
    this.loose.remove(from, count);
  }

  prune(horizon: number): number {
    let count = 0;
    while (count < this.loose.length && this.loose.time(count) < horizon) count++;
    if (count > 0) this.remove(0, count);
    return this.loose.length > 0 ? this.loose.time(this.loose.length - 1) : -Infinity;
  }

  /**
   * Drops loose events of a value that lie between two others of it at most `timespan` apart: a stretch that needs one of them for its value can be made
   * longer to take in a neighbour instead, so they decide nothing but the count.
   */
  thin(timespan: number): void {
    const { loose } = this;
    const lastKept = new Map<number, number>();
    const next = new Map<number, number>();
    const following = new Float64Array(loose.length);
    for (let i = loose.length - 1; i >= 0; i--) {
      following[i] = next.get(loose.mark(i)) ?? Infinity;
      next.set(loose.mark(i), loose.time(i));
    }
    const kept = new Entries(true);
    this.#values = undefined;
    for (let i = 0; i < loose.length; i++) {
      const value = loose.mark(i);
      const previous = lastKept.get(value);
      if (previous !== undefined && following[i]! - previous <= timespan) continue;
      lastKept.set(value, loose.time(i));
      kept.push(loose.time(i), loose.offset(i), value);
    }
    this.loose = kept;
  }

  write(into: ByteWriter): void {
    this.loose.write(into);
    into.whole(this.episodes.length);
    for (const episode of this.episodes) {
      episode.write(into);
      episode.head.write(into);
      episode.tail.write(into);
      episode.values.write(into);
    }
  }

  read(from: ByteReader): void {
    this.loose.read(from);
    this.episodes = Array.from({ length: from.whole() }, () => {
      const episode = new ValueEpisode(exactValues(this.threshold)).read(from);
      episode.head.read(from);
      episode.tail.read(from);
      episode.values.read(from);
      return episode;
    });
  }
}

/** Keeps for each value its earliest entry, of the `most` values that came first. */
export function addFirst(head: Entries, [time, offset, value]: readonly [number, number, number], most: number): void {
  for (let i = 0; i < head.length; i++) {
    if (head.mark(i) !== value) continue;
    if (head.time(i) < time || (head.time(i) === time && head.offset(i) < offset)) return;
    head.remove(i, 1);
    break;
  }
  const at = head.place(time, offset);
  if (at >= most) return;
  head.insert(at, time, offset, value);
  if (head.length > most) head.remove(most, head.length - most);
}

/** Keeps for each value its latest entry, of the `most` values that came last. */
export function addLast(tail: Entries, [time, offset, value]: readonly [number, number, number], most: number): void {
  for (let i = 0; i < tail.length; i++) {
    if (tail.mark(i) !== value) continue;
    if (tail.time(i) > time || (tail.time(i) === time && tail.offset(i) > offset)) return;
    tail.remove(i, 1);
    break;
  }
  const at = tail.place(time, offset);
  if (at === 0 && tail.length >= most) return;
  tail.insert(at, time, offset, value);
  if (tail.length > most) tail.dropFront(1);
}
