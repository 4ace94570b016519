import type { Signal } from '#ecs';

/** One thing that is not as it was. */
export interface FieldDifference {
  readonly what: string;
  readonly then: string;
  readonly now: string;
}

/** What of a signal is compared: that which its document tells, too. */
export type ToldSignal = Pick<
  Signal,
  'id' | 'group' | 'first' | 'last' | 'reached' | 'count' | 'distinct' | 'measures' | 'evidence' | 'provenance'
> & { readonly rule: Pick<Signal['rule'], 'id' | 'version'> };

/** What of a signal comes out otherwise when it is made again. Lines and arrival are no part of it: a line may be kept no more. */
export function compareSignals(then: ToldSignal, now: ToldSignal): FieldDifference[] {
  const sameRule = then.rule.version === now.rule.version;
  const all: [string, string, string][] = [
    // The id holds the rule's version: of another version it differs by nature.
    ...(sameRule ? [['id', then.id, now.id] as [string, string, string]] : []),
    ['first', iso(then.first), iso(now.first)],
    ['last', iso(then.last), iso(now.last)],
    ['reached', iso(then.reached), iso(now.reached)],
    ['count', String(then.count), String(now.count)],
    ['distinct', String(then.distinct ?? 'none'), String(now.distinct ?? 'none')],
    ['measures', measures(then), measures(now)],
    ['evidence', events(then), events(now)],
  ];
  return all.filter(([, one, other]) => one !== other).map(([what, one, other]) => ({ what, then: one, now: other }));
}

function measures({ measures: found = {} }: ToldSignal): string {
  const all = Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1));
  return all.map(([name, value]) => `${name} ${value}`).join(', ') || 'none';
}

function events({ evidence }: ToldSignal): string {
  return evidence.map(({ id, offset }) => id ?? `offset ${offset}`).join(' ') || 'none';
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
