import type { SavedLedger } from './ledger.js';
import { clipped, uncovered, union, type Range } from './ranges.js';

/** What is asked of the ledger. Event time in milliseconds. */
export interface CoverageQuery {
  /** Id or name of a rule; all where left out. */
  readonly rule?: string;
  readonly from?: number;
  readonly to?: number;
}

/** Why event time was not evaluated, or not wholly. */
export type HoleReason = 'not_in_force' | 'not_yet' | 'down' | 'source_silent' | 'late' | 'evicted';

export interface CoverageHole {
  readonly from: number;
  readonly to: number;
  readonly reason: HoleReason;
  /** The source that was silent or late. */
  readonly source?: string;
  /** Events that came too late, keys that were given up. */
  readonly count?: number;
}

export interface RuleCoverage {
  readonly rule: string;
  readonly name: string;
  readonly versions: readonly { readonly version: string; readonly from: number; readonly to: number }[];
  /** In time order. Empty: everything asked about was evaluated. */
  readonly holes: readonly CoverageHole[];
}

/** How far event time was evaluated, by rule. */
export interface CoverageReport {
  readonly from: number;
  readonly to: number;
  /** Event time up to which everything in time was evaluated. */
  readonly watermark: number;
  readonly rules: readonly RuleCoverage[];
  readonly sources: readonly { readonly source: string; readonly ranges: readonly Range[]; readonly silent: boolean }[];
}

/** Reads a ledger. Undefined where nothing was evaluated yet. */
export function coverageOf(saved: SavedLedger, watermark: number, query: CoverageQuery = {}): CoverageReport | undefined {
  const minutes = Object.values(saved.sources).map((source) => source.minutes);
  const seen = union(minutes);
  const begin = query.from ?? seen[0]?.[0];
  if (begin === undefined || !Number.isFinite(watermark)) return undefined;
  const span: Range = [begin, Math.max(begin, query.to ?? Math.max(watermark, begin))];
  const named = Object.entries(saved.rules).filter(
    ([id, { name }]) => query.rule === undefined || id === query.rule || name === query.rule,
  );
  const down = uncovered(span, saved.up).filter(([from, to]) => to - from >= 60_000 && saved.up.length > 0);
  // Records that were written while nobody was there and read afterwards leave no hole.
  const missed = down.filter(([from]) => from >= saved.up[0]![0]).flatMap((gap) => uncovered(gap, seen));
  const general = missed.filter(([, to]) => to <= saved.up.at(-1)![0]).map(([from, to]): CoverageHole => ({ from, to, reason: 'down' }));
  return {
    from: span[0],
    to: span[1],
    watermark,
    rules: named.map(([rule, { name, versions }]) => {
      const inForce = versions.map(([version, from, to]) => ({
        version,
        from: from ?? Math.min(begin, seen[0]?.[0] ?? begin),
        to: to ?? watermark,
      }));
      const evaluated = union([inForce.map(({ from, to }): Range => [from, to])]);
      const open = versions.at(-1)?.[2] === null;
      const before = uncovered([span[0], Math.min(span[1], Math.max(watermark, span[0]))], evaluated);
      const holes: CoverageHole[] = [
        ...before.map(([from, to]): CoverageHole => ({ from, to, reason: 'not_in_force' })),
        ...(open && span[1] > watermark ? [{ from: Math.max(span[0], watermark), to: span[1], reason: 'not_yet' as const }] : []),
        ...general,
        ...silences(saved, rule, { span, watermark }),
        ...counted(saved, rule, span),
      ];
      holes.sort((a, b) => a.from - b.from || (a.reason < b.reason ? -1 : 1));
      return { rule, name, versions: inForce.filter(({ from, to }) => clipped([from, to], span)), holes };
    }),
    sources: Object.entries(saved.sources).map(([source, { minutes: ranges }]) => ({
      source,
      ranges: ranges.map((range) => clipped(range, span)).filter((range) => range !== undefined),
      silent: saved.silences.some((one) => one.source === source && one.to === null),
    })),
  };
}

function silences({ silences: all }: SavedLedger, rule: string, { span, watermark }: { span: Range; watermark: number }): CoverageHole[] {
  return all.flatMap(({ source, from, to, blind }): CoverageHole[] => {
    const part = blind.includes(rule) ? clipped([from, to ?? Math.max(watermark, from)], span) : undefined;
    return part ? [{ from: part[0], to: part[1], reason: 'source_silent', source }] : [];
  });
}

function counted({ sources, evicted }: SavedLedger, rule: string, span: Range): CoverageHole[] {
  const late = Object.entries(sources).flatMap(([source, { late: ranges }]) =>
    ranges.flatMap(([from, to, count]): CoverageHole[] => (clipped([from, to], span) ? [{ from, to, reason: 'late', source, count }] : [])),
  );
  const gone = (evicted[rule] ?? []).flatMap(([from, to, count]): CoverageHole[] =>
    clipped([from, to], span) ? [{ from, to, reason: 'evicted', count }] : [],
  );
  return [...late, ...gone];
}
