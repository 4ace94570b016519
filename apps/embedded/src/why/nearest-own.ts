import { journey, walkNumber } from '#detection';
import { formatDuration, parseDuration } from '#time';
import type { Counted } from './nearest-window.js';
import type { WatchedRule } from './watched-rule.js';

type Teller = (events: readonly Counted[], watched: WatchedRule) => string | undefined;

/**
 * How close a group came to a rule of our own types, in words. `events` are in time. What is told is what the rule type measures, on the events alone: where the
 * rule type keeps less than all events, it can have seen less.
 */
export function nearestInWords(events: readonly Counted[], watched: WatchedRule): string | undefined {
  if (events.length === 0) return undefined;
  const { type, direct } = watched;
  if (!direct) return 'it reads signals of other rules, not events alone: ask why-not for these';
  return tellers[type]?.(events, watched);
}

const tellers: Readonly<Record<string, Teller>> = {
  ratio: nearestRatio,
  spike: nearestSpike,
  absence: nearestSilence,
  sequence_walk: nearestWalk,
  risk: nearestRisk,
  geo_velocity: nearestJourney,
  new_value: nearestNovelty,
};

function nearestRatio(events: readonly Counted[], { timespan, threshold, settings }: WatchedRule): string {
  const asked = settings['share'] as number;
  let [start, hits, others] = [0, 0, 0];
  let best = { closeness: -1, hits: 0, share: 0, at: 0 };
  for (const { time, input } of events) {
    if (input === 0) hits++;
    else others++;
    for (; time - events[start]!.time > timespan; start++) {
      if (events[start]!.input === 0) hits--;
      else others--;
    }
    const share = hits / Math.max(hits, others, 1);
    const closeness = Math.min(1, hits / threshold) * Math.min(1, share / asked);
    if (closeness > best.closeness) best = { closeness, hits, share, at: events[start]!.time };
  }
  return `nearest window, from ${iso(best.at)}: ${best.hits} of ${threshold} hits, ${percent(best.share)} of all where ${percent(asked)} are asked for`;
}

/** Buckets as the rule type has them: aligned to the clock. */
function bucketsOf(events: readonly Counted[], width: number, amountOf: (event: Counted) => number): Map<number, number> {
  const buckets = new Map<number, number>();
  for (const event of events) {
    const index = Math.floor(event.time / width);
    buckets.set(index, (buckets.get(index) ?? 0) + amountOf(event));
  }
  return buckets;
}

function nearestSpike(events: readonly Counted[], { timespan, threshold, settings }: WatchedRule): string {
  const factor = settings['factor'] as number;
  const buckets = [...bucketsOf(events, timespan, ({ value }) => (settings['sum'] === undefined ? 1 : Number(value) || 0))];
  const back = Math.min(1000, Math.max(1, Math.floor(millis(settings['history']) / timespan)));
  const since = buckets[0]![0];
  let best = { closeness: -1, index: since, amount: 0, usual: 0 };
  buckets.forEach(([index, amount], i) => {
    const past = buckets.slice(Math.max(0, i - back), i).filter(([other]) => other >= index - back);
    const usual = usualOf(past.map(([, count]) => count), Math.min(back, index - since), settings['usual']); // prettier-ignore
    const closeness = Math.min(1, amount / threshold) * Math.min(1, usual === 0 ? 1 : amount / (factor * usual));
    if (closeness > best.closeness || (closeness === best.closeness && amount > best.amount)) best = { closeness, index, amount, usual };
  });
  const known = (best.index - since) * timespan;
  const learning = millis(settings['learning']);
  const young = known < learning ? `; the group was known for ${formatDuration(known)} then, and is judged after ${formatDuration(learning)}` : ''; // prettier-ignore
  return `nearest bucket, from ${iso(best.index * timespan)}: ${round(best.amount)}, where at least ${threshold} and ${factor} times the usual ${round(best.usual)} are asked for${young}`;
}

function usualOf(known: readonly number[], buckets: number, usual: unknown): number {
  if (buckets === 0 || known.length === 0) return 0;
  if (usual === 'mean') return known.reduce((sum, count) => sum + count, 0) / buckets;
  if (usual === 'max') return known.reduce((most, count) => Math.max(most, count), 0);
  const rank = Math.ceil(0.95 * buckets) - 1 - (buckets - known.length);
  return rank < 0 ? 0 : [...known].sort((one, other) => one - other)[rank]!;
}

function nearestSilence(events: readonly Counted[], { timespan, threshold, settings }: WatchedRule): string {
  const heard = [...bucketsOf(events, timespan, () => 1)].flatMap(([index, count]) => (count >= threshold ? [index] : []));
  let [row, longest] = [0, 0];
  heard.forEach((index, i) => {
    row = i > 0 && heard[i - 1] === index - 1 ? row + 1 : 1;
    longest = Math.max(longest, row);
  });
  let pause = { length: 0, from: events[0]!.time };
  events.forEach(({ time }, i) => {
    const before = events[i - 1]?.time ?? time;
    if (time - before > pause.length) pause = { length: time - before, from: before };
  });
  const learning = millis(settings['learning']);
  return `heard without a gap for at most ${formatDuration(longest * timespan)}, where ${formatDuration(learning)} are asked for; longest pause ${formatDuration(pause.length)}, from ${iso(pause.from)}, where a whole bucket of ${formatDuration(timespan)} counts`;
}

function nearestWalk(events: readonly Counted[], { timespan, threshold, settings }: WatchedRule): string {
  const maxStride = settings['max_stride'] as number;
  const seen = new Map<number, number>();
  let best = { run: 0, stride: 0, at: events[0]!.time };
  for (const { time, value } of events) {
    const id = walkNumber(value);
    if (id < 0) continue;
    for (const [other, last] of seen) {
      if (last >= time - timespan) break;
      seen.delete(other);
    }
    const distances = [...seen.keys()].slice(-8).map((other) => Math.abs(other - id));
    seen.delete(id);
    seen.set(id, time);
    for (const stride of new Set([1, ...distances])) {
      if (stride === 0 || stride > maxStride) continue;
      let run = 1;
      for (let at = id - stride; seen.has(at); at -= stride) run++;
      for (let at = id + stride; seen.has(at); at += stride) run++;
      if (run > best.run) best = { run, stride, at: time };
    }
  }
  if (best.run === 0) return 'none of the values ends in a number';
  const step = best.run > 1 ? ` with stride ${best.stride}` : '';
  return `longest walk, until ${iso(best.at)}: ${best.run} of ${threshold} ids${step}`;
}

function nearestRisk(events: readonly Counted[], { timespan, threshold, settings, inputs }: WatchedRule): string {
  const points = settings['points'] as Readonly<Record<string, number>>;
  const cap = settings['cap'] as number;
  const counts = inputs.map(() => 0);
  let start = 0;
  let best = { sum: -1, at: 0, rules: 0 };
  for (const { time, input } of events) {
    counts[input]!++;
    for (; time - events[start]!.time > timespan; start++) counts[events[start]!.input]!--;
    const sum = counts.reduce((total, count, i) => total + Math.min(count, cap) * (points[inputs[i]!.level] ?? 0), 0);
    if (sum > best.sum) best = { sum, at: events[start]!.time, rules: counts.filter((count) => count > 0).length };
  }
  return `most in one window, from ${iso(best.at)}: ${round(best.sum)} of ${threshold} points, from ${best.rules} of ${inputs.length} rules`;
}

/** Places kept by the rule type. */
const places = 64;

function nearestJourney(events: readonly Counted[], { timespan, settings }: WatchedRule): string {
  const [speed, distance, radius] = ['speed', 'distance', 'radius'].map((name) => settings[name] as number) as [number, number, number];
  const located = events.flatMap(({ time, value }) => {
    const [lat, lon] = value.split(',').map(Number);
    return value === '' || lat === undefined || lon === undefined || !(Math.abs(lat + lon) < Infinity) ? [] : [{ time, lat, lon }];
  });
  if (located.length < 2) return `${located.length} of ${events.length} events have a place, so nothing can be compared`;
  let best = { closeness: -1, speed: 0, distance: 0, from: 0, to: 0 };
  located.forEach((place, i) => {
    for (const other of located.slice(Math.max(0, i - places), i)) {
      if (place.time - other.time > timespan) continue;
      const made = journey(other, place, radius);
      const closeness = Math.min(1, made.speed / speed) * Math.min(1, distance === 0 ? 1 : made.distance / distance);
      if (closeness > best.closeness) best = { ...made, closeness, from: other.time, to: place.time };
    }
  });
  if (best.closeness < 0) return `no two events with a place lie within ${formatDuration(timespan)}`;
  return `nearest pair, ${iso(best.from)} and ${iso(best.to)}: ${round(best.distance)} km at ${round(best.speed)} km/h, where ${distance} km and ${speed} km/h are asked for, ${radius} km taken off at both ends`;
}

function nearestNovelty(events: readonly Counted[], { timespan, settings }: WatchedRule): string {
  const learning = millis(settings['learning']);
  const last = new Map<string, number>();
  let since = events[0]!.time;
  let before = since;
  let best: { readonly value: string; readonly time: number; readonly known: number } | undefined;
  for (const { time, value } of events) {
    if (value === '') continue;
    if (time - before > timespan) since = time;
    const seen = last.get(value);
    const isNew = seen === undefined || time - seen > timespan;
    if (isNew && (!best || time - since > best.known)) best = { value, time, known: time - since };
    last.set(value, time);
    before = time;
  }
  if (!best) return 'no event has a value of the field';
  const known = `the group was known for ${formatDuration(best.known)}, where ${formatDuration(learning)} are asked for`;
  return `${last.size === 1 ? 'one value' : `${last.size} values`}; nearest: ${best.value.slice(0, 80)} was new at ${iso(best.time)}, when ${known}`;
}

function millis(duration: unknown): number {
  return typeof duration === 'string' ? (parseDuration(duration) ?? 0) : 0;
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
const round = (value: number): string => (Math.round(value * 10) / 10).toLocaleString('en-US');
const iso = (time: number): string => new Date(time).toISOString();
