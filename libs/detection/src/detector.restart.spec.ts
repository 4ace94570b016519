import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runTraffic, timeline, traffic, trafficGrace, trafficRules, type Happening, type TestCorrelation } from '#testkit';

const runs = { numRuns: 300 };

const every: readonly TestCorrelation[] = [
  { id: 'count', type: 'event_count', inputs: ['act0', 'act1'], groupBy: ['source.ip'], timespan: 12, threshold: 3 },
  { id: 'single', type: 'event_count', inputs: ['act2'], groupBy: ['source.ip', 'user.name'], timespan: 5, threshold: 1 },
  { id: 'values', type: 'value_count', inputs: ['act0'], groupBy: ['source.ip'], timespan: 15, threshold: 2, field: 'user.name' },
  { id: 'ordered', type: 'temporal_ordered', inputs: ['count', 'act2'], groupBy: ['source.ip'], timespan: 20 },
  { id: 'together', type: 'temporal', inputs: ['act0', 'act1', 'values'], groupBy: ['source.ip'], timespan: 10 },
  { id: 'counts', type: 'event_count', inputs: ['single'], groupBy: ['source.ip'], timespan: 40, threshold: 2 },
  { id: 'travel', type: 'geo_velocity', inputs: ['act1'], groupBy: ['source.ip'], timespan: 20, settings: { speed: 3_000_000_000 } },
  {
    id: 'fresh',
    type: 'new_value',
    inputs: ['act1'],
    groupBy: ['source.ip'],
    timespan: 50,
    field: 'user.name',
    settings: { learning: '10ms', episode: '2ms' },
  },
  { id: 'share', type: 'ratio', inputs: ['act0', 'act1'], groupBy: ['source.ip'], timespan: 30, threshold: 2, settings: { share: 0.4 } },
  {
    id: 'more',
    type: 'spike',
    inputs: ['act0'],
    groupBy: ['source.ip'],
    timespan: 5,
    threshold: 2,
    settings: { learning: '10ms', factor: 2 },
  },
  { id: 'silent', type: 'absence', inputs: ['act1'], groupBy: ['source.ip'], timespan: 4, threshold: 1, settings: { learning: '8ms' } },
  { id: 'walk', type: 'sequence_walk', inputs: ['act2'], groupBy: ['source.ip'], timespan: 40, threshold: 2, field: 'user.name' },
  { id: 'risk', type: 'risk', inputs: ['act0', 'values', 'more'], groupBy: ['source.ip'], timespan: 50, threshold: 40 },
];

describe('a detector made from saved state', () => {
  it('gives the same signals, to the last field, as one that was never interrupted', () => {
    fc.assert(
      fc.property(traffic(3), fc.array(fc.integer({ min: 0, max: 45 }), { maxLength: 6 }), (events, cuts) => {
        expect(runTraffic(every, events, cuts)).toEqual(runTraffic(every, events));
      }),
      runs,
    );
  });
});

describe('late events', () => {
  it('are counted and change nothing', () => {
    fc.assert(
      fc.property(
        traffic(3),
        fc.array(fc.record({ at: fc.nat(45), before: fc.integer({ min: 1, max: 100 }) }), { maxLength: 10 }),
        (events, strays) => {
          const plain = timeline(trafficRules(every, 3), { grace: () => trafficGrace });
          const disturbed = timeline(trafficRules(every, 3), { grace: () => trafficGrace });
          let newest = -Infinity;
          let late = 0;
          const fields = ({ key, value, action }: Happening) => ({ 'source.ip': key, 'user.name': value, 'event.action': action });
          events.forEach((event, i) => {
            for (const stray of strays.filter(({ at }) => at === i && newest > -Infinity)) {
              late++;
              // The undisturbed run gets one that no rule reads, so that both have the same offsets and arrivals.
              plain.event(newest - trafficGrace - stray.before, {});
              disturbed.event(newest - trafficGrace - stray.before, fields(event));
            }
            plain.event(event.time, fields(event));
            disturbed.event(event.time, fields(event));
            newest = Math.max(newest, event.time);
          });
          expect(disturbed.finish().all()).toEqual(plain.finish().all());
          expect(disturbed.detector.counts().late['test'] ?? 0).toBe(late);
        },
      ),
      runs,
    );
  });
});
