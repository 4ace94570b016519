import type { ByteReader, ByteWriter } from '../../window/bytes.js';
import { Entries } from '../../window/entries.js';
import { Episode } from '../../window/episode.js';

/** An episode with the entries that decide how it can go on: the N earliest and the N−1 latest. */
export class CountEpisode extends Episode {
  head = new Entries(false);
  tail = new Entries(false);
}

/** What is known of one key: events outside episodes, and the open episodes in time order. */
export class CountKey {
  loose = new Entries(false);
  episodes: CountEpisode[] = [];
  /** Time of this key's valid entry in the closing heap. */
  closing = Infinity;

  write(into: ByteWriter): void {
    this.loose.write(into);
    into.whole(this.episodes.length);
    for (const episode of this.episodes) {
      episode.write(into);
      episode.head.write(into);
      episode.tail.write(into);
    }
  }

  read(from: ByteReader): this {
    this.loose.read(from);
    this.episodes = Array.from({ length: from.whole() }, () => {
      const episode = new CountEpisode().read(from);
      episode.head.read(from);
      episode.tail.read(from);
      return episode;
    });
    return this;
  }
}

/** How far new qualifying windows reach from one event: entries before and after it that they take in. */
export interface Reach {
  readonly before: number;
  readonly after: number;
}

/** Entries of a key seen from a place among them; `count` may be short of the truth as long as it is at least N−1 or all there are. */
export interface Side {
  readonly count: number;
  /** Time of the k-th entry away from the place, from 1. */
  time(k: number): number;
}

/**
 * Windows of `threshold` events that hold the event at `time`: which entries before and after it lie in one of them that is at most `timespan` long.
 * `undefined` if there is none. An event at the end of its key has one window to look at, one that came k places too late has k + 1.
 */
export function reachOf(
  time: number,
  sides: { before: Side; after: Side },
  rule: { threshold: number; timespan: number },
): Reach | undefined {
  const { before, after } = sides;
  const others = rule.threshold - 1;
  let mostBefore = -1;
  let mostAfter = -1;
  for (let left = Math.max(0, others - after.count); left <= Math.min(others, before.count); left++) {
    const right = others - left;
    const first = left > 0 ? before.time(left) : time;
    const last = right > 0 ? after.time(right) : time;
    if (last - first > rule.timespan) continue;
    mostBefore = left;
    mostAfter = Math.max(mostAfter, right);
  }
  return mostBefore < 0 ? undefined : { before: mostBefore, after: mostAfter };
}
