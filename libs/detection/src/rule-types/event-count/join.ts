import { Entries } from '../../window/entries.js';
import { absorb, earliestOpened } from '../../window/episode.js';
import type { CountEpisode, CountKey } from './run.js';

/** A stretch of a key that becomes one episode: loose entries `from` to `to`, and the open episodes that it touches, in time order. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly episodes: readonly CountEpisode[];
}

/**
 * Makes one episode of a stretch. `fresh` takes it if no episode is touched; else the one that opened first does. Its head is the head of the earliest
 * part, its tail the tail of the latest: an episode has at least N entries, so no part in between can show there.
 */
export function join(
  key: CountKey,
  stretch: Stretch,
  fresh: CountEpisode | undefined,
  threshold: number,
): { episode: CountEpisode; merged: CountEpisode[] } {
  const { loose } = key;
  const episode = fresh ?? earliestOpened(stretch.episodes);
  const parts = partsOf(loose, stretch);
  const head = first(parts, threshold);
  const tail = last(parts, threshold - 1);
  episode.count += stretch.to - stretch.from;
  episode.revision += stretch.to - stretch.from;
  const merged = stretch.episodes.filter((other) => other !== episode);
  for (const other of merged) absorb(episode, other);
  episode.head = head;
  episode.tail = tail;
  episode.first = head.time(0);
  episode.last = Math.max(lastTime(parts), fresh ? -Infinity : episode.last);
  episode.reached = head.time(threshold - 1);
  loose.remove(stretch.from, stretch.to - stretch.from);
  key.episodes = [...key.episodes.filter((other) => !stretch.episodes.includes(other)), episode].sort(
    (one, other) => one.first - other.first,
  );
  return { episode, merged };
}

/** A part of a stretch: an episode, or loose entries on their own. */
interface Part {
  readonly head: Entries;
  readonly tail: Entries;
  readonly last: number;
}

function partsOf(loose: Entries, { from, to, episodes }: Stretch): Part[] {
  const parts: Part[] = [];
  let at = from;
  for (const { first: start, head, tail, last: end } of episodes) {
    const upTo = Math.min(to, loose.above(start));
    if (upTo > at) parts.push(loosePart(loose, at, upTo));
    at = Math.max(at, upTo);
    parts.push({ head, tail, last: end });
  }
  if (to > at) parts.push(loosePart(loose, at, to));
  return parts;
}

function loosePart(loose: Entries, from: number, to: number): Part {
  const list = new Entries(false);
  for (let i = from; i < to; i++) list.push(loose.time(i), loose.offset(i));
  return { head: list, tail: list, last: loose.time(to - 1) };
}

function lastTime(parts: readonly Part[]): number {
  return parts.at(-1)!.last;
}

function first(parts: readonly Part[], count: number): Entries {
  if (parts[0]!.head.length >= count) return copy(parts[0]!.head, 0, count);
  const list = new Entries(false);
  for (const { head } of parts) for (let i = 0; i < head.length && list.length < count; i++) list.push(head.time(i), head.offset(i));
  return list;
}

function last(parts: readonly Part[], count: number): Entries {
  const list = new Entries(false);
  let missing = count;
  const pieces: { tail: Entries; from: number }[] = [];
  for (let i = parts.length - 1; i >= 0 && missing > 0; i--) {
    const { tail } = parts[i]!;
    const from = Math.max(0, tail.length - missing);
    pieces.unshift({ tail, from });
    missing -= tail.length - from;
  }
  for (const { tail, from } of pieces) for (let i = from; i < tail.length; i++) list.push(tail.time(i), tail.offset(i));
  return list;
}

function copy(entries: Entries, from: number, to: number): Entries {
  const list = new Entries(false);
  for (let i = from; i < to; i++) list.push(entries.time(i), entries.offset(i));
  return list;
}
