import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ruleSet, Timeline } from '#testkit';
import { isWithin, type Bounds } from '../../sigma/bounds.js';
import { measureOf } from './measures.js';

const rules = (type: string, bounds: Bounds, settings: Record<string, unknown> = {}) =>
  ruleSet(
    [{ id: 'base', matches: () => true }],
    [{ id: 'm', type, inputs: ['base'], groupBy: ['source.ip'], timespan: 10_000, field: 'bytes', settings: { bounds, ...settings } }],
  );
const from = { 'source.ip': '203.0.113.7' };

function episodes(type: string, bounds: Bounds, events: readonly (readonly [number, number | string])[], settings = {}): unknown[] {
  const run = new Timeline(rules(type, bounds, settings));
  for (const [second, bytes] of events) run.event(`${second}s`, { ...from, bytes });
  return run.finish().signals().map(({ from: first, to, count }) => [first, to, count]); // prettier-ignore
}

describe('a measure', () => {
  it('is that of the worked example, whatever the order of arrival', () => {
    const events = [[0, 60], [5, 30], [9, 20], [30, 50]] as const; // prettier-ignore
    expect(episodes('value_sum', { gt: 100 }, events)).toEqual([['0s', '9s', 3]]);
    expect(episodes('value_sum', { gt: 100 }, [...events].reverse())).toEqual([['0s', '9s', 3]]);
    expect(episodes('value_sum', { gt: 110 }, events)).toEqual([]);
  });

  it('of a count with an upper bound is judged when its window is over: a regular sender that falls silent', () => {
    const steady = [0, 4, 8, 12, 16, 20].map((second) => [second, 1] as const);
    expect(episodes('event_count', { lt: 2 }, steady)).toEqual([['20s', '20s', 1]]);
    expect(episodes('event_count', { gte: 2, lte: 2 }, steady)).toEqual([['16s', '20s', 2]]);
  });

  it.each<[string, Bounds, Record<string, unknown>, number]>([
    ['value_avg', { gte: 20 }, {}, 1],
    ['value_avg', { gt: 40 }, {}, 0],
    ['value_min', { lt: 11 }, {}, 1],
    ['value_max', { gt: 30 }, {}, 0],
    ['value_median', { eq: 15 }, {}, 1],
    ['value_percentile', { gte: 30 }, { percentile: 95 }, 1],
    ['value_percentile', { lte: 34 }, {}, 1],
    ['value_percentile', { lte: 33 }, {}, 0],
    ['value_count', { lt: 2 }, {}, 1],
  ])('%s %j %j gives %i episodes for 10, 20, 30', (type, bounds, settings, count) => {
    expect(episodes(type, bounds, [[0, 10], [1, 20], [2, 30]], settings)).toHaveLength(count); // prettier-ignore
  });

  it('fits what asking every window in turn gives, in any order of arrival', () => {
    const types = ['event_count', 'value_count', 'value_sum', 'value_avg', 'value_min', 'value_max', 'value_median'];
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.constantFrom<Bounds>({ gt: 6 }, { lte: 2 }, { eq: 3 }, { gte: 2, lt: 9 }, { neq: 4 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 6 })), { minLength: 1, maxLength: 12 }),
        (type, bounds, events) => {
          const kind = measureOf(type, undefined);
          const begins = kind.grows && Object.keys(bounds).some((name) => !name.startsWith('g'));
          const sorted = [...events].sort(([one], [other]) => one - other);
          const windows = sorted.flatMap(([time, own]) => {
            const inside = sorted.filter(([at]) => (begins ? at >= time && at <= time + 10 : at >= time - 10 && at <= time));
            const fits = isWithin(kind.of(inside.map(([, value]) => value), own), bounds); // prettier-ignore
            return fits ? [[inside[0]![0], inside.at(-1)![0]] as const] : [];
          });
          const joined: [number, number][] = [];
          for (const [first, last] of windows) {
            const open = joined.at(-1);
            if (open && first <= open[1]) open[1] = Math.max(open[1], last);
            else joined.push([first, last]);
          }
          const expected = joined.map(([first, last]) => [
            `${first}s`,
            `${last}s`,
            events.filter(([at]) => at >= first && at <= last).length,
          ]);
          expect(episodes(type, bounds, events)).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });
});
