import type { SavedLedger } from './ledger.js';
import { countIn, type CountedRange } from './ranges.js';
import { coverageOf, type CoverageQuery, type CoverageReport } from './report.js';

/** What one of the places in which rules are evaluated knows of coverage, as JSON. */
export interface LedgerPart {
  /** How many places there are. */
  readonly places: number;
  /** Event time up to which this place has evaluated everything; null before the first event. */
  readonly watermark: number | null;
  /** By rule: event time at which group keys were given up here. */
  readonly evicted: Readonly<Record<string, readonly CountedRange[]>>;
  /** Of the place that watches over sources and rules: its ledger. */
  readonly ledger?: SavedLedger;
}

const mostEvicted = 100;

/** The parts as one: evaluated is what every place has evaluated. Undefined while the ledger or one of the places has not spoken. */
export function coverageOfParts(parts: readonly LedgerPart[], query: CoverageQuery = {}): CoverageReport | undefined {
  const main = parts.find(({ ledger }) => ledger);
  if (!main?.ledger || parts.length < main.places) return undefined;
  const evicted: Record<string, CountedRange[]> = {};
  for (const part of parts) for (const [rule, ranges] of Object.entries(part.evicted)) (evicted[rule] ??= []).push(...ranges);
  for (const ranges of Object.values(evicted)) ranges.sort(([one], [other]) => one - other);
  const watermark = Math.min(...parts.map((part) => part.watermark ?? -Infinity));
  return coverageOf({ ...main.ledger, evicted }, watermark, query);
}

/** Notes that keys of rules were given up, by how many had been so far. Gives the numbers to compare with the next time. */
export function noteEvicted(
  into: Record<string, CountedRange[]>,
  {
    before,
    now,
    span,
  }: { before: Readonly<Record<string, number>>; now: Readonly<Record<string, number>>; span: readonly [number, number] },
): void {
  for (const [rule, amount] of Object.entries(now)) {
    const more = amount - (before[rule] ?? 0);
    if (more > 0) countIn((into[rule] ??= []), span, { most: mostEvicted, join: 60_000, amount: more });
  }
}
