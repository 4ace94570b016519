import type { JsonObject } from '#ecs';
import type { CoverageReport } from './report.js';

/** The ledger as answered: instants in ISO 8601. */
export function coverageDocument({ from, to, watermark, rules, sources }: CoverageReport): JsonObject {
  return {
    from: iso(from),
    to: iso(to),
    watermark: iso(watermark),
    rules: rules.map(({ rule, name, versions, holes }) => ({
      rule,
      name,
      versions: versions.map((one) => ({ version: one.version, from: iso(one.from), to: iso(one.to) })),
      holes: holes.map((hole) => ({
        from: iso(hole.from),
        to: iso(hole.to),
        reason: hole.reason,
        ...(hole.source !== undefined && { source: hole.source }),
        ...(hole.count !== undefined && { count: hole.count }),
      })),
    })),
    sources: sources.map(({ source, ranges, silent }) => ({
      source,
      silent,
      ranges: ranges.map(([start, end]) => ({ from: iso(start), to: iso(end) })),
    })),
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
