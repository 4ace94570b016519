import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Signal } from '#ecs';
import { timeline, traffic, trafficGrace, trafficRules, type Happening, type TestCorrelation } from '#testkit';

const groupBy = ['source.ip'];
const thresholds = fc.integer({ min: 1, max: 6 });
const timespans = fc.integer({ min: 0, max: 60 });

/** Several rules that group alike, and one over the episodes of another: they share keys. */
const rules: fc.Arbitrary<TestCorrelation[]> = fc
  .tuple(thresholds, thresholds, thresholds, timespans, timespans, timespans)
  .map(([count, values, walk, w1, w2, w3]) => [
    { id: 'count', type: 'event_count', inputs: ['act0'], groupBy, timespan: w1, threshold: count },
    { id: 'slow', type: 'event_count', inputs: ['act0', 'act1'], groupBy, timespan: w1 * 3, threshold: count + 2 },
    { id: 'values', type: 'value_count', inputs: ['act1'], groupBy, timespan: w2, threshold: Math.min(values, 4), field: 'user.name' },
    { id: 'walk', type: 'sequence_walk', inputs: ['act1'], groupBy, timespan: w3, threshold: walk + 1, field: 'gatewatch.object.id' },
    { id: 'chain', type: 'temporal_ordered', inputs: ['count', 'act1'], groupBy, timespan: w2 },
  ]);

const keyed = fc
  .tuple(traffic(2), fc.array(fc.nat(4), { minLength: 45, maxLength: 45 }))
  .map(([events, keys]) => events.map((event, at) => ({ ...event, key: `${event.key}${keys[at]! % 3}`, number: keys[at]! + (at >> 2) })));

function told(correlations: readonly TestCorrelation[], events: readonly (Happening & { number: number })[], durable: boolean): Signal[] {
  const story = timeline(trafficRules(correlations, 2), { grace: () => trafficGrace, durable });
  for (const { time, key, value, action, number } of events)
    story.event(time, { 'source.ip': key, 'user.name': value, 'event.action': action, 'gatewatch.object.id': `order-${number}` });
  return story.finish().all();
}

describe('a detector whose state nobody saves', () => {
  it('tells the same signals, with their ids, counts and evidence, as one whose state is saved', () => {
    fc.assert(
      fc.property(rules, keyed, (correlations, events) => {
        expect(told(correlations, events, false)).toEqual(told(correlations, events, true));
      }),
      { numRuns: 600 },
    );
  });
});
