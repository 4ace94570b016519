import { levels, type Level } from '#ecs';
import type { Found } from './found.js';
import { dayOf, sorted } from './notices.js';
import type { Precision } from './labels.js';

export interface EntityCount {
  readonly entity: string;
  readonly signals: number;
  readonly events: number;
}

/** What one rule found. */
export interface RuleSummary {
  readonly rule: string;
  readonly name: string;
  readonly title: string;
  readonly level: Level;
  readonly signals: number;
  /** Events counted by its signals. */
  readonly events: number;
  readonly entities: number;
  readonly per_day: Readonly<Record<string, number>>;
  /** Those with most signals, then most events. */
  readonly top: readonly EntityCount[];
  readonly labels?: Precision;
}

const topEntities = 5;

/** Signals by rule: the most severe first, within a level those that gave most. */
export function summarise(
  found: readonly Found[],
  precisionOf?: (rule: string, found: readonly Found[]) => Precision | undefined,
): RuleSummary[] {
  const byRule = new Map<string, Found[]>();
  for (const one of found) {
    const list = byRule.get(one.rule);
    if (list) list.push(one);
    else byRule.set(one.rule, [one]);
  }
  const all = [...byRule].map(([rule, signals]): RuleSummary => {
    const { name, title, level } = signals[0]!;
    const entities = entitiesOf(signals);
    const labels = precisionOf?.(rule, signals);
    return {
      rule,
      name,
      title,
      level,
      signals: signals.length,
      events: signals.reduce((sum, { count }) => sum + count, 0),
      entities: entities.length,
      per_day: perDay(signals),
      top: entities.slice(0, topEntities),
      ...(labels && { labels }),
    };
  });
  return all.sort((a, b) => levels.indexOf(b.level) - levels.indexOf(a.level) || b.signals - a.signals || (a.name < b.name ? -1 : 1));
}

/** Signals by the day on which their evidence sufficed. */
export function perDay(found: readonly Found[]): Record<string, number> {
  const days: Record<string, number> = {};
  for (const { reached } of found) days[dayOf(reached)] = (days[dayOf(reached)] ?? 0) + 1;
  return sorted(days);
}

/** Entities by signals, then by events. */
export function entitiesOf(found: readonly Found[]): EntityCount[] {
  const counts = new Map<string, { signals: number; events: number }>();
  for (const { entity, count } of found) {
    const known = counts.get(entity);
    if (!known) counts.set(entity, { signals: 1, events: count });
    else {
      known.signals++;
      known.events += count;
    }
  }
  const all = [...counts].map(([entity, { signals, events }]) => ({ entity, signals, events }));
  return all.sort((a, b) => b.signals - a.signals || b.events - a.events || (a.entity < b.entity ? -1 : 1));
}
