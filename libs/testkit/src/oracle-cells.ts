import type { OracleEpisode, OracleEvent } from './oracle.js';
import { timelineStart } from './timeline.js';

interface Bucket {
  readonly index: number;
  readonly own: OracleEvent[];
}

/** Events by the cell of time that they lie in; cells are counted from 1970, not from the start of the story. */
function buckets(events: readonly OracleEvent[], width: number): Bucket[] {
  const byIndex = new Map<number, OracleEvent[]>();
  for (const event of [...events].sort((one, other) => one.time - other.time || one.offset - other.offset)) {
    const index = Math.floor((timelineStart + event.time) / width);
    byIndex.set(index, [...(byIndex.get(index) ?? []), event]);
  }
  return [...byIndex].map(([index, own]) => ({ index, own })).sort((one, other) => one.index - other.index);
}

/** Start of the cell after this one, in time of the story. */
function endOf(index: number, width: number): number {
  return (index + 1) * width - timelineStart;
}

/** Episodes of `ratio`: for every cell with a hit, the thirty cells that end with it are counted. */
export function ratioEpisodes(
  hits: readonly OracleEvent[],
  whole: readonly OracleEvent[],
  asked: { timespan: number; threshold: number; share: number },
): OracleEpisode[] {
  const width = Math.max(1, Math.ceil(asked.timespan / 30));
  const all = buckets(hits, width);
  const others = buckets(whole, width);
  const episodes: OracleEpisode[] = [];
  for (const { index } of all) {
    const inside = ({ index: at }: Bucket): boolean => at > index - 30 && at <= index;
    const window = all.filter(inside).flatMap(({ own }) => own);
    const total = others.filter(inside).flatMap(({ own }) => own).length;
    if (window.length < asked.threshold || window.length / Math.max(window.length, total) < asked.share) continue;
    const first = window[0]!.time;
    const last = window.at(-1)!.time;
    const open = episodes.at(-1);
    if (open && open.last >= first) {
      const from = open.first;
      const count = all.flatMap(({ own }) => own).filter(({ time }) => time >= from && time <= last).length;
      episodes[episodes.length - 1] = { ...open, last, count };
    } else episodes.push({ first, last, reached: endOf(index, width), count: window.length });
  }
  return episodes;
}

/** Episodes of `spike` with `usual: max` or `mean`: every bucket is compared with all that the key did in the history before it. */
export function spikeEpisodes(
  events: readonly OracleEvent[],
  asked: { timespan: number; threshold: number; factor: number; learning: number; history: number; usual: 'max' | 'mean' },
): OracleEpisode[] {
  const width = asked.timespan;
  const back = Math.max(1, Math.floor(asked.history / width));
  const all = buckets(events, width);
  const episodes: OracleEpisode[] = [];
  all.forEach(({ index, own }, i) => {
    let known = i;
    while (known > 0 && all[known]!.index - all[known - 1]!.index <= back) known--;
    const since = all[known]!.index;
    if (own.length < asked.threshold || (index - since) * width < asked.learning) return;
    const counts: number[] = [];
    for (let at = Math.max(since, index - back); at < index; at++) counts.push(all.find((each) => each.index === at)?.own.length ?? 0);
    const usual = asked.usual === 'max' ? Math.max(0, ...counts) : counts.length ? counts.reduce((a, b) => a + b) / counts.length : 0;
    if (own.length < asked.factor * usual) return;
    const open = episodes.at(-1);
    const [first, last] = [own[0]!.time, own.at(-1)!.time];
    if (open && first - open.last <= width) episodes[episodes.length - 1] = { ...open, last, count: open.count + own.length };
    else episodes.push({ first, last, reached: endOf(index, width), count: own.length });
  });
  return episodes;
}

/** Episodes of `absence`, without the one that the end of the story would begin: buckets without enough events after a row of buckets that have. */
export function absenceEpisodes(
  events: readonly OracleEvent[],
  asked: { timespan: number; threshold: number; learning: number; forget: number; until: number },
): OracleEpisode[] {
  const width = asked.timespan;
  const all = buckets(events, width).filter(({ own }) => own.length >= asked.threshold);
  return all.flatMap(({ index, own }, i): OracleEpisode[] => {
    const next = all[i + 1];
    if (next?.index === index + 1) return [];
    let since = i;
    while (since > 0 && all[since]!.index - all[since - 1]!.index === 1) since--;
    const reached = endOf(index + 1, width);
    if ((index + 1 - all[since]!.index) * width < asked.learning || reached >= asked.until) return [];
    const last = own.at(-1)!.time;
    const heard = next && next.own[0]!.time;
    return [
      { first: last, last: heard !== undefined && endOf(next!.index, width) <= last + asked.forget ? heard : last, reached, count: 0 },
    ];
  });
}
