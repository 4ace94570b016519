import type { Observation } from '../../detection.js';
import type { Stretch } from './join.js';
import { reachOf, type CountEpisode, type CountKey, type Side } from './run.js';

interface CountRule {
  readonly threshold: number;
  readonly timespan: number;
}

/** What becomes one episode by an event outside all episodes that belongs at place `at` of the loose entries. */
export function stretchOutside({ loose, episodes }: CountKey, at: number, time: number, rule: CountRule): Stretch | undefined {
  const { timespan, threshold } = rule;
  const next = episodes.findIndex(({ first }) => first > time);
  const left = next < 0 ? episodes.at(-1) : episodes[next - 1];
  const right = next < 0 ? undefined : episodes[next];
  if (threshold === 1) {
    const touched = [left && time - left.last <= timespan ? left : undefined, right && right.first - time <= timespan ? right : undefined];
    return { from: at, to: at + 1, episodes: touched.filter((episode) => episode !== undefined) };
  }
  const looseLeft = left ? at - loose.above(left.last) : at;
  const looseRight = (right ? loose.above(right.first) : loose.length) - at;
  const reach = reachOf(time, { before: before(loose, at, looseLeft, left), after: after(loose, at, looseRight, right) }, rule);
  if (!reach) return undefined;
  const touched = [reach.before > looseLeft ? left : undefined, reach.after > looseRight ? right : undefined];
  return {
    from: at - Math.min(reach.before, looseLeft),
    to: at + 1 + Math.min(reach.after, looseRight),
    episodes: touched.filter((episode) => episode !== undefined),
  };
}

/** New windows that hold an event inside an episode can still take in what stands before or after the episode. */
export function stretchInside(key: CountKey, inside: CountEpisode, { time, offset }: Observation, rule: CountRule): Stretch | undefined {
  const { loose, episodes } = key;
  const { timespan, threshold } = rule;
  if (threshold === 1 || (loose.length === 0 && episodes.length === 1)) return undefined;
  const index = episodes.indexOf(inside);
  const left = episodes[index - 1];
  const right = episodes[index + 1];
  const at = loose.place(time, offset);
  const looseLeft = left ? at - loose.above(left.last) : at;
  const looseRight = (right ? loose.above(right.first) : loose.length) - at;
  const leftSide = before(loose, at, looseLeft, left);
  const rightSide = after(loose, at, looseRight, right);
  const { head, tail } = inside;
  const inHead = head.place(time, offset) - 1;
  const afterInTail = tail.length - tail.place(time, offset);
  let reachLeft = 0;
  for (let j = 1; j <= Math.min(leftSide.count, threshold - 1 - inHead); j++) {
    if (head.time(threshold - j - 1) - leftSide.time(j) <= timespan) reachLeft = j;
  }
  let reachRight = 0;
  for (let j = 1; j <= Math.min(rightSide.count, threshold - 1 - afterInTail); j++) {
    if (rightSide.time(j) - tail.time(tail.length - (threshold - j)) <= timespan) reachRight = j;
  }
  if (reachLeft === 0 && reachRight === 0) return undefined;
  const touched = [reachLeft > looseLeft ? left : undefined, inside, reachRight > looseRight ? right : undefined];
  return {
    from: at - Math.min(reachLeft, looseLeft),
    to: at + Math.min(reachRight, looseRight),
    episodes: touched.filter((episode) => episode !== undefined),
  };
}

function before(loose: { time(i: number): number }, at: number, looseLeft: number, episode: CountEpisode | undefined): Side {
  return {
    count: looseLeft + (episode?.tail.length ?? 0),
    time: (k) => (k <= looseLeft ? loose.time(at - k) : episode!.tail.time(episode!.tail.length - (k - looseLeft))),
  };
}

function after(loose: { time(i: number): number }, at: number, looseRight: number, episode: CountEpisode | undefined): Side {
  return {
    count: looseRight + (episode?.head.length ?? 0),
    time: (k) => (k <= looseRight ? loose.time(at + k - 1) : episode!.head.time(k - looseRight - 1)),
  };
}
