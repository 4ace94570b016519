/** A stretch of time in milliseconds, from inclusive, to exclusive. */
export type Range = readonly [from: number, to: number];

/** A stretch and how often something happened in it. */
export type CountedRange = readonly [from: number, to: number, count: number];

/** Adds a stretch to a list in time order; what touches or overlaps becomes one. Of too many the oldest go. */
export function addRange(ranges: Range[], [from, to]: Range, most: number): void {
  let start = ranges.length;
  while (start > 0 && ranges[start - 1]![1] >= from) start--;
  let end = start;
  let [low, high] = [from, to];
  while (end < ranges.length && ranges[end]![0] <= to) {
    low = Math.min(low, ranges[end]![0]);
    high = Math.max(high, ranges[end]![1]);
    end++;
  }
  ranges.splice(start, end - start, [low, high]);
  if (ranges.length > most) ranges.splice(0, ranges.length - most);
}

/** Counts what happened in a stretch: near the last one it makes that stretch longer. */
export function countIn(
  ranges: CountedRange[],
  [from, to]: Range,
  { most, join, amount = 1 }: { most: number; join: number; amount?: number },
): void {
  const last = ranges.at(-1);
  if (last && from <= last[1] + join && to >= last[0] - join)
    ranges[ranges.length - 1] = [Math.min(last[0], from), Math.max(last[1], to), last[2] + amount];
  else ranges.push([from, to, amount]);
  if (ranges.length > most) ranges.splice(0, ranges.length - most);
}

/** What of a stretch none of the ranges covers. They are in time order and do not overlap. */
export function uncovered([from, to]: Range, ranges: readonly Range[]): Range[] {
  const holes: Range[] = [];
  let at = from;
  for (const [start, end] of ranges) {
    if (end <= at) continue;
    if (start >= to) break;
    if (start > at) holes.push([at, start]);
    at = Math.max(at, end);
  }
  if (at < to) holes.push([at, to]);
  return holes;
}

/** Several lists as one. */
export function union(lists: readonly (readonly Range[])[]): Range[] {
  const all: Range[] = [];
  for (const range of lists.flat().sort((a, b) => a[0] - b[0])) addRange(all, range, Infinity);
  return all;
}

/** The part of a stretch within another; undefined where they have none in common. */
export function clipped([from, to]: Range, [low, high]: Range): Range | undefined {
  const [start, end] = [Math.max(from, low), Math.min(to, high)];
  return start < end ? [start, end] : undefined;
}
