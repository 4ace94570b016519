import type { OracleEpisode, OracleEvent } from './oracle.js';

interface Window {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** Windows that end with an event, in order, joined where one begins within the one before; each further one counts its last event. */
function joined(windows: readonly Window[]): OracleEpisode[] {
  const episodes: OracleEpisode[] = [];
  for (const { first, last, count } of windows) {
    const open = episodes.at(-1);
    if (open && open.last >= first)
      episodes[episodes.length - 1] = { ...open, first: Math.min(open.first, first), last, count: open.count + 1 };
    else episodes.push({ first, last, reached: last, count });
  }
  return episodes;
}

function inOrder<E extends OracleEvent>(events: readonly E[]): E[] {
  return [...events].sort((one, other) => one.time - other.time || one.offset - other.offset);
}

/** Episodes of `sequence_walk` over events with an `id`: for every event, every stride is tried that the rule allows. */
export function walkEpisodes(
  events: readonly (OracleEvent & { readonly number: number })[],
  asked: { timespan: number; threshold: number; maxStride: number },
): OracleEpisode[] {
  const sorted = inOrder(events);
  const windows = sorted.flatMap((event, i): Window[] => {
    const before = sorted.slice(0, i).filter(({ time }) => event.time - time <= asked.timespan);
    const lastSeen = new Map(before.map(({ number, time }) => [number, time]));
    const recent = [...new Set(before.map(({ number }) => number).reverse())].slice(0, 8);
    const strides = new Set([1, ...recent.map((number) => Math.abs(number - event.number))].filter((n) => n > 0 && n <= asked.maxStride));
    lastSeen.set(event.number, event.time);
    const runs = [...strides].map((stride) => {
      const run: number[] = [event.number];
      for (const direction of [-stride, stride]) for (let at = event.number + direction; lastSeen.has(at); at += direction) run.push(at);
      return { run, stride };
    });
    const best = runs.sort((one, other) => other.run.length - one.run.length || one.stride - other.stride)[0]!;
    if (best.run.length < asked.threshold) return [];
    return [{ first: Math.min(...best.run.map((number) => lastSeen.get(number)!)), last: event.time, count: best.run.length }];
  });
  return joined(windows);
}

/** Episodes of `risk`: for every finding, the timespan that ends with it, at most `cap` findings of a rule. */
export function riskEpisodes(
  findings: readonly (OracleEvent & { readonly rule: number })[],
  asked: { timespan: number; threshold: number; cap: number; points: readonly number[] },
): OracleEpisode[] {
  const sorted = [...findings].sort((one, other) => one.time - other.time || one.offset - other.offset || one.rule - other.rule);
  const windows = sorted.flatMap((event, i): Window[] => {
    const inside = sorted.slice(0, i + 1).filter(({ time }) => event.time - time <= asked.timespan);
    const counted = inside.filter((each, at) => inside.slice(at + 1).filter(({ rule }) => rule === each.rule).length < asked.cap);
    const sum = counted.reduce((total, { rule }) => total + asked.points[rule]!, 0);
    return sum < asked.threshold ? [] : [{ first: counted[0]!.time, last: event.time, count: counted.length }];
  });
  return joined(windows);
}
