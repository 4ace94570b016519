import type { Level, Signal } from '#ecs';

/** What a backtest keeps of a signal: no evidence, so that a million of them fit. */
export interface Found {
  readonly id: string;
  readonly rule: string;
  readonly name: string;
  readonly title: string;
  readonly version: string;
  readonly level: Level;
  /** Values of the group, joined; `all` where the rule groups by nothing. */
  readonly entity: string;
  readonly values: readonly string[];
  readonly first: number;
  readonly last: number;
  readonly reached: number;
  readonly count: number;
}

export function foundOf({ id, rule, group, first, last, reached, count }: Signal): Found {
  const values = Object.values(group);
  return {
    id,
    rule: rule.id,
    name: rule.name ?? rule.id,
    title: rule.title,
    version: rule.version,
    level: rule.level,
    entity: entityOf(values),
    values,
    first,
    last,
    reached,
    count,
  };
}

/** How an entity of several values is written, here and in reports. */
export function entityOf(values: readonly string[]): string {
  return values.join(' · ') || 'all';
}
