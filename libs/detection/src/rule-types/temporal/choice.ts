import type { Occurrence } from './occurrence.js';

/** What `temporal` and `temporal_ordered` ask for. */
export interface Asked {
  readonly inputs: number;
  readonly timespan: number;
  readonly ordered: boolean;
  /** How many of the inputs a choice needs; all where it is left out. Never together with `ordered`. */
  readonly least?: number;
}

/** The choices (one point per input, at most W apart) that lie within one stretch of length W: where they begin, end, and what takes part. */
export interface Choices {
  readonly first: number;
  readonly last: number;
  /** Earliest time at which one of them is complete. */
  readonly reached: number;
  readonly taking: readonly Occurrence[];
}

/**
 * All choices near one occurrence. Which choices fit in [x, x + W] changes only where x passes the begin or end of an occurrence, or those less W, so these
 * x are looked at and no others.
 */
export function choicesAround(occurrence: Occurrence, all: readonly Occurrence[], asked: Asked): Choices[] {
  const low = occurrence.from - asked.timespan;
  const high = occurrence.to;
  const near = all.filter(({ from, to }) => to >= low && from <= high + asked.timespan);
  if (new Set(near.map(({ input }) => input)).size < (asked.least ?? asked.inputs)) return [];
  const starts = new Set<number>();
  for (const { from, to } of near) {
    for (const start of [from, to, from - asked.timespan, to - asked.timespan]) if (start >= low && start <= high) starts.add(start);
  }
  return [...starts].flatMap((start) => choicesFrom(start, near, asked) ?? []);
}

function choicesFrom(start: number, near: readonly Occurrence[], asked: Asked): Choices | undefined {
  const end = start + asked.timespan;
  const inside = near.filter(({ from, to }) => from <= end && to >= start);
  // Earliest time by which inputs 0 … i can be had, and latest time from which inputs i … can still be had.
  const earliest: number[] = [];
  const latest: number[] = [];
  for (let input = 0; input < asked.inputs; input++) {
    earliest.push(soonest(inside, input, asked.ordered && input > 0 ? earliest[input - 1]! : start));
    if (asked.least === undefined && earliest[input]! > end) return undefined;
  }
  const complete = asked.least === undefined ? Math.max(...earliest) : [...earliest].sort((one, other) => one - other)[asked.least - 1]!;
  if (complete > end) return undefined;
  for (let input = asked.inputs - 1; input >= 0; input--) {
    latest[input] = asked.ordered && input < asked.inputs - 1 ? furthest(inside, input, latest[input + 1]!) : furthest(inside, input, end);
  }
  let first = Infinity;
  let last = -Infinity;
  const taking: Occurrence[] = [];
  for (const occurrence of inside) {
    const { input } = occurrence;
    const from = Math.max(occurrence.from, asked.ordered && input > 0 ? earliest[input - 1]! : start);
    const to = Math.min(occurrence.to, asked.ordered && input < asked.inputs - 1 ? latest[input + 1]! : end);
    if (from > to) continue;
    taking.push(occurrence);
    first = Math.min(first, from);
    last = Math.max(last, to);
  }
  return { first, last, reached: complete, taking };
}

function soonest(inside: readonly Occurrence[], input: number, after: number): number {
  let time = Infinity;
  for (const occurrence of inside)
    if (occurrence.input === input && occurrence.to >= after) time = Math.min(time, Math.max(occurrence.from, after));
  return time;
}

function furthest(inside: readonly Occurrence[], input: number, before: number): number {
  let time = -Infinity;
  for (const occurrence of inside)
    if (occurrence.input === input && occurrence.from <= before) time = Math.max(time, Math.min(occurrence.to, before));
  return time;
}
