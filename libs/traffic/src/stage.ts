import type { Millis } from '#time';
import { planners } from './attacks/attacks.js';
import { offsetOf, type Plan, type Planted } from './attacks/plan.js';
import { Cast } from './population.js';
import { Random } from './random.js';

/** A plan that has its place in the day. */
export interface Scheduled {
  readonly plan: Plan;
  readonly start: Millis;
}

export interface StageOptions {
  readonly seed: number;
  readonly lines: number;
  readonly start: Millis;
  readonly duration: Millis;
}

/** At most this share of the lines is planted. */
const plantedShare = 0.4;
/** Each kind is planted once for so many lines. */
const linesPerRound = 60_000;

/** Plants attacks and near misses over the day: more of each in a longer log, at most a dozen, and none that does not fit. Rising by start. */
export function planDay({ seed, lines, start, duration }: StageOptions): Scheduled[] {
  const random = new Random(seed).fork(1);
  const cast = new Cast(random.fork(2));
  const rounds = Math.min(12, Math.max(1, Math.round(lines / linesPerRound)));
  const scheduled: Scheduled[] = [];
  let room = lines * plantedShare;
  for (let round = 0; round < rounds; round++) {
    for (const { plan, minLines = 0, minDuration = 0, most = 12 } of planners) {
      if (round >= most || lines < minLines || duration < minDuration) continue;
      const made = plan({ random, cast });
      const span = lengthOf(made);
      if (made.count > room || span >= duration) continue;
      room -= made.count;
      scheduled.push({ plan: made, start: start + random.int(duration - span) });
    }
  }
  return scheduled.sort((a, b) => a.start - b.start);
}

/** The truth about one plan. */
export function plantedOf({ plan, start }: Scheduled): Planted {
  const { kind, rules, quiet, who, count } = plan;
  return { kind, rules, ...(quiet && { quiet }), ...who, first: start, last: start + lengthOf(plan), count };
}

function lengthOf(plan: Plan): Millis {
  return offsetOf(plan, plan.count - 1);
}
