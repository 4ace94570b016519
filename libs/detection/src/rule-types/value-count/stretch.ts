import type { Entries } from '../../window/entries.js';
import type { ValueKey } from './value-key.js';

/** First and last event of the qualifying stretches around one event. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/**
 * Looks at every stretch of kept events that begins within `timespan` before `time` and at or before it, and tells how far those reach that hold at least
 * `threshold` distinct values. Of an open episode only the first occurrences of its first N values and the last occurrences of its last N are there: a
 * stretch that reaches into an episode and needs more than these has its N values anyway.
 */
export function stretchesAround(
  time: number,
  key: ValueKey,
  { timespan, threshold }: { timespan: number; threshold: number },
): Span | undefined {
  if (threshold === 1) return chained(time, key, timespan);
  const entries = near(key, time - timespan, time + timespan);
  const counts = new Map<number, number>();
  let first = Infinity;
  let last = -Infinity;
  let end = 0;
  for (let start = 0; start < entries.length && entries[start]!.time <= time; start++) {
    while (end < entries.length && entries[end]!.time <= entries[start]!.time + timespan) {
      const { value } = entries[end++]!;
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    if (counts.size >= threshold && entries[end - 1]!.time >= time) {
      first = Math.min(first, entries[start]!.time);
      last = Math.max(last, entries[end - 1]!.time);
    }
    const { value } = entries[start]!;
    const left = counts.get(value)! - 1;
    if (left > 0) counts.set(value, left);
    else counts.delete(value);
  }
  return first === Infinity ? undefined : { first, last };
}

/** With N = 1 each event is a window, and windows chain when at most W apart. */
function chained(time: number, { episodes }: ValueKey, timespan: number): Span {
  let first = time;
  let last = time;
  for (const episode of episodes) {
    if (episode.first - time > timespan || time - episode.last > timespan) continue;
    first = Math.min(first, episode.first);
    last = Math.max(last, episode.last);
  }
  return { first, last };
}

interface Near {
  readonly time: number;
  readonly value: number;
}

function near({ loose, episodes }: ValueKey, from: number, to: number): Near[] {
  const found: Near[] = [];
  const take = (entries: Entries): void => {
    for (let i = 0; i < entries.length; i++) {
      const time = entries.time(i);
      if (time >= from && time <= to) found.push({ time, value: entries.mark(i) });
    }
  };
  take(loose);
  for (const { head, tail } of episodes) {
    take(head);
    take(tail);
  }
  return episodes.length ? found.sort((one, other) => one.time - other.time) : found;
}
