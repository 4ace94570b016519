import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  eventCountEpisodes,
  episodesOf,
  runTraffic,
  ruleSet,
  Timeline,
  timelineStart,
  traffic,
  trafficGrace,
  type Happening,
} from '#testkit';

const hour = 3_600_000;
const gate = {
  id: 'shared',
  type: 'crowd',
  inputs: ['good'],
  groupBy: ['source.ip'],
  timespan: 24 * hour,
  threshold: 3,
  field: 'user.name',
  generates: false,
};
const burst = { type: 'event_count', groupBy: ['source.ip'], timespan: 60_000, threshold: 2, inputs: ['bad', 'shared'] };

function story(): Timeline {
  const detections = [
    { id: 'good', matches: (values: readonly unknown[]) => values.includes('good') },
    { id: 'bad', matches: (values: readonly unknown[]) => values.includes('bad') },
  ];
  const rules = [
    gate,
    { ...burst, id: 'address', gate: { rule: 'shared', when: false } },
    { ...burst, id: 'narrow', groupBy: ['source.ip', 'user.name'], gate: { rule: 'shared', when: true } },
  ];
  return new Timeline(ruleSet(detections, rules));
}
const event = (run: Timeline, at: number, user: string, what: string): unknown =>
  run.event(at, { 'source.ip': '203.0.113.7', 'user.name': user, 'event.action': what });

describe('crowd, as in its README', () => {
  it.each([
    ['the address while it is not known to be shared', 1.5 * hour, ['address']],
    ['the narrow key once it is', 3 * hour, ['narrow']],
    ['the address again when that is long ago', 30 * hour, ['address']],
  ])('counts by %s', (_, at, rules) => {
    for (const restarts of [false, true]) {
      const run = story();
      for (const [i, user] of ['ann', 'bob', 'cid'].entries()) event(run, i * 1000, user, 'good');
      if (restarts) run.restart();
      for (const user of ['dan', 'dan']) event(run, at, user, 'bad');
      expect(run.finish().signals().map(({ rule }) => rule)).toEqual(rules); // prettier-ignore
    }
  });

  it('takes one user who does well often for one', () => {
    const run = story();
    for (let i = 0; i < 50; i++) event(run, i * 1000, i % 2 ? 'ann' : 'bob', 'good');
    for (const user of ['dan', 'eve']) event(run, 3 * hour, user, 'bad');
    expect(run.finish().signals().map(({ rule }) => rule)).toEqual(['address']); // prettier-ignore
  });
});

describe('crowd, beside an oracle', () => {
  const settle = trafficGrace + 5;
  const asked = fc.record({ n: fc.integer({ min: 1, max: 3 }), back: fc.integer({ min: 1, max: 4 }), when: fc.boolean() });
  const cuts = fc.array(fc.integer({ min: 0, max: 45 }), { maxLength: 3 });
  const cellOf = ({ time }: Happening): number => Math.floor((timelineStart + time) / settle);

  it('lets the same events count in any order of arrival within the grace and over restarts', () => {
    fc.assert(
      fc.property(traffic(2, 400), asked, cuts, (events, { n, back, when }, at) => {
        const w = { timespan: 20, threshold: 2 };
        const shared = { ...gate, inputs: ['act0'], timespan: back * settle, threshold: n, settings: { settle: `${settle}ms` } };
        const rule = { ...burst, ...w, id: 'r', inputs: ['act1', 'shared'], gate: { rule: 'shared', when } };
        const signals = runTraffic([shared, rule], events, at);
        for (const key of ['a', 'b']) {
          const own = events.filter((one) => one.key === key);
          const isShared = (one: Happening): boolean => {
            const past = own.filter(
              (good) => good.action === 'act0' && cellOf(good) <= cellOf(one) - 2 && cellOf(good) >= cellOf(one) - 1 - back,
            );
            return new Set(past.map(({ value }) => value)).size >= n;
          };
          const counted = own.filter((one) => one.action === 'act1' && isShared(one) === when);
          expect(episodesOf(signals, 'r', key)).toEqual(eventCountEpisodes(counted, w.threshold, w.timespan));
        }
      }),
      { numRuns: 500 },
    );
  });
});
