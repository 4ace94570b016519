import type { Call } from '../call.js';
import type { Cast } from '../population.js';
import type { Random } from '../random.js';

/** What was planted, for a comparison with what was found. One line of the truth list. */
export interface Planted {
  /** `password_spray`, or `near_miss` for what must stay quiet. */
  readonly kind: string;
  /** Names of the shipped rules that must fire; others may. Empty for a near miss. */
  readonly rules: readonly string[];
  /** Names of rules that must not fire for this address or user. */
  readonly quiet?: readonly string[];
  readonly address?: string;
  readonly addresses?: readonly string[];
  readonly user?: string;
  readonly path?: string;
  /** Event time of the first and last line, milliseconds. */
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** A planted attack as a schedule: its lines are made one after the other while the day passes, so a flood takes no memory. */
export interface Plan {
  readonly kind: string;
  readonly rules: readonly string[];
  readonly quiet?: readonly string[];
  readonly who: { readonly address?: string; readonly addresses?: readonly string[]; readonly user?: string; readonly path?: string };
  readonly count: number;
  /** Length in milliseconds. */
  readonly span: number;
  /** Place of line `index` in the span, in milliseconds: rising. Even spacing where absent. */
  at?(index: number): number;
  /** Line `index`, without its time. */
  line(index: number): Omit<Call, 'time'>;
}

/** What a planner is given. */
export interface Stage {
  readonly random: Random;
  readonly cast: Cast;
}

/** Makes one attack. `spread`: how many for a day of `lines` lines. */
export interface Planner {
  plan(stage: Stage): Plan;
  /** The day must have at least this many lines and this length. */
  readonly minLines?: number;
  readonly minDuration?: number;
  /** At most so many however long the log is; 12 where absent. */
  readonly most?: number;
}

/** Offset of a plan's line, in milliseconds from its start. */
export function offsetOf(plan: Plan, index: number): number {
  return plan.at ? plan.at(index) : Math.floor((index * plan.span) / plan.count);
}

/** A call with what most have in common. */
export function call(parts: Partial<Omit<Call, 'time'>> & { readonly address: string; readonly agent: string }): Omit<Call, 'time'> {
  return { user: '', method: 'GET', target: '/', status: 200, bytes: 162, referrer: '-', ...parts };
}

/** A login that is refused or, by `status`, accepted. */
export function login(parts: { address: string; agent: string; user?: string; status?: number; target?: string }): Omit<Call, 'time'> {
  const status = parts.status ?? 401;
  return call({ method: 'POST', target: '/api/v1/login', ...parts, status, bytes: status === 401 ? 87 : 412 });
}

export const seconds = (amount: number): number => amount * 1000;
export const minutes = (amount: number): number => amount * 60_000;
export const hours = (amount: number): number => amount * 3_600_000;
