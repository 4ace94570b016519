import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildFormatWatch, type FormatDrift, type FormatWatch } from './format-watch.js';
import type { Ingested } from './ingested.js';
import { batchOf, ingestFor } from './spec-kit.js';

const nginx = '203.0.113.7 - - [15/Jan/2026:10:05:02 +0000] "GET /orders/7 HTTP/1.1" 200 512 "-" "curl/8.5.0"';
const json = '{"@timestamp":"2026-01-15T10:05:02Z","event.dataset":"shop.audit","message":"x"}';
const bad = 'what is this';

/** Outcomes of one log of these lines. */
function ingested(lines: readonly string[], format: 'auto' | 'nginx' = 'auto'): Ingested {
  return ingestFor({ format }).ingest(batchOf(`${lines.join('\n')}\n`));
}
const times = (line: string, count: number): string[] => Array.from({ length: count }, () => line);

/** The same outcomes, handed over in pieces that end before these offsets. */
function piecewise(watch: FormatWatch, all: Ingested, cuts: readonly number[]): FormatDrift[] {
  const ends = [...new Set([...cuts.filter((cut) => cut > all.from && cut < all.to), all.to])].sort((a, b) => a - b);
  let from = all.from;
  return ends.flatMap((to) => {
    const within = ({ offset }: { offset: number }): boolean => offset >= from && offset < to;
    const found = watch.observe({ ...all, from, to, events: all.events.filter(within), deadLetters: all.deadLetters.filter(within) });
    from = to;
    return found;
  });
}
const drifts = (lines: readonly string[], format: 'auto' | 'nginx' = 'auto'): number[] => {
  const all = ingested(lines, format);
  return piecewise(
    buildFormatWatch(() => format !== 'auto'),
    all,
    [],
  ).map(({ offset }) => offset - all.from);
};

describe('the watch over a source’s format', () => {
  it('says so when half a hundred lines in a row fit nothing', () => {
    expect(drifts([...times(nginx, 230), ...times(bad, 60)])).toEqual([279]);
  });

  it('says so when lines become another format than the sample’s, though they are understood', () => {
    expect(drifts([...times(nginx, 230), ...times(json, 60)])).toEqual([279]);
    expect(drifts([...times(nginx, 199), json, ...times(json, 500)])).toEqual([]);
  });

  it('bears a few bad lines, and as many as there always were', () => {
    const mixed = (all: number, each: number): string[] => times(nginx, all).map((line, at) => (at % each === 0 ? bad : line));
    expect(drifts(mixed(900, 6))).toEqual([]);
    expect(drifts([...mixed(200, 3), ...mixed(600, 3)])).toEqual([]);
    expect(drifts([...times(nginx, 200), ...mixed(200, 3)])).toEqual([299, 399]);
  });

  it('says so at the end of the sample when half of it was never read', () => {
    expect(drifts(times(bad, 200))).toEqual([199]);
  });

  it('holds against a declared format only what cannot be read', () => {
    expect(drifts([...times(nginx, 200), ...times(nginx, 300)], 'nginx')).toEqual([]);
    expect(drifts([...times(nginx, 200), ...times(json, 60)], 'nginx')).toEqual([249]);
  });

  it('learns anew after two thousand lines of another format', () => {
    const found = drifts([...times(nginx, 200), ...times(json, 5000)]);
    expect([found.length, found.at(-1)! < 2400]).toEqual([20, true]);
  });

  it('tells the largest event time so far, and the arrival where there was none', () => {
    const all = ingested([...times(nginx, 200), ...times(bad, 50)]);
    const watch = buildFormatWatch(() => false);
    expect(watch.observe(all)[0]).toMatchObject({ time: Date.UTC(2026, 0, 15, 10, 5, 2), id: all.deadLetters[49]!.id });
    const unread = ingested(times(bad, 200));
    expect(buildFormatWatch(() => false).observe(unread)[0]!.time).toBe(unread.deadLetters[0]!.arrival);
  });

  it('gives the same however the log is cut and wherever it is saved and restored', () => {
    const blocks = fc.array(fc.tuple(fc.constantFrom(nginx, json, bad), fc.integer({ min: 1, max: 180 })), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(blocks, fc.array(fc.nat(1000)), fc.nat(1000), (made, cuts, restart) => {
        const all = ingested(made.flatMap(([line, count]) => times(line, count)));
        const whole = piecewise(
          buildFormatWatch(() => false),
          all,
          [],
        );
        const before = buildFormatWatch(() => false);
        const half = (from: number, to: number): Ingested => ({
          ...all,
          from,
          to,
          events: all.events.filter(({ offset }) => offset >= from && offset < to),
          deadLetters: all.deadLetters.filter(({ offset }) => offset >= from && offset < to),
        });
        const at = all.from + Math.min(restart, all.to - all.from);
        const first = piecewise(
          before,
          half(all.from, at),
          cuts.map((cut) => all.from + cut),
        );
        const saved = new Map<string, Uint8Array>();
        before.save({ put: (key, value) => void saved.set(key, value) });
        const after = buildFormatWatch(() => false);
        after.restore(saved);
        expect([
          ...first,
          ...piecewise(
            after,
            half(at, all.to),
            cuts.map((cut) => at + cut),
          ),
        ]).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });
});
