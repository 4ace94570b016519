import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryState, timeline, traffic, trafficGrace, trafficPlaces, trafficRules, type Happening, type TestCorrelation } from '#testkit';
import type { Saving } from './detection.js';

const groupBy = ['source.ip'];
const [timespans, thresholds] = [fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 4 })];

/** One rule of each type, and some that read others: what one of them changes lies in another's keys. */
const rules: fc.Arbitrary<TestCorrelation[]> = fc.tuple(timespans, timespans, thresholds).map(([timespan, other, threshold]) => {
  const all = { groupBy, timespan, threshold };
  const inputs = ['act0', 'act1'];
  return [
    { id: 'count', type: 'event_count', inputs: ['act0'], ...all },
    { id: 'slow', type: 'event_count', inputs, ...all, timespan: other * 3, threshold: threshold + 2 },
    { id: 'values', type: 'value_count', inputs: ['act1'], ...all, field: 'user.name' },
    { id: 'sum', type: 'value_sum', inputs: ['act1'], ...all, field: 'http.response.bytes', settings: { bounds: { gte: 7 } } },
    { id: 'few', type: 'event_count', inputs: ['act2'], ...all, settings: { bounds: { lte: 2 } } },
    { id: 'walk', type: 'sequence_walk', inputs: ['act1'], ...all, threshold: threshold + 1, field: 'gatewatch.object.id' },
    { id: 'ordered', type: 'temporal_ordered', inputs: ['count', 'act1'], groupBy, timespan: other },
    { id: 'together', type: 'temporal', inputs: ['count', 'values', 'act2'], groupBy, timespan: other },
    { id: 'episodes', type: 'event_count', inputs: ['count'], ...all, timespan: other * 2, threshold: 2 },
    { id: 'spike', type: 'spike', inputs, ...all, settings: { factor: 1.5, usual: 'mean', learning: '10ms', history: '60ms' } },
    { id: 'ratio', type: 'ratio', inputs, ...all, settings: { share: 0.4 } },
    { id: 'absence', type: 'absence', inputs: ['act0'], ...all, threshold: 1, settings: { learning: '5ms', forget: '2s' } },
    { id: 'new', type: 'new_value', inputs: ['act1'], ...all, timespan: other * 2, field: 'user.name', settings: { learning: '5ms' } },
    { id: 'travel', type: 'geo_velocity', inputs: ['act0'], ...all },
    { id: 'risk', type: 'risk', inputs: ['count', 'values', 'act2'], ...all, threshold: 20 },
  ];
});

const pause = 2500;
const numbered = fc.tuple(traffic(3), fc.array(fc.nat(8), { minLength: 45, maxLength: 45 })).map(([events, numbers]) =>
  // With pauses in which keys are forgotten.
  events.map((event, i) => ({ ...event, time: event.time + pause * (i >> 4), key: `${event.key}${numbers[i]! % 3}`, number: numbers[i]! })),
);

/** How many events after a save began so many keys of it are written; then the next one begins. */
const pieces = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 8 });

const told = (correlations: readonly TestCorrelation[], maxKeys: number): ReturnType<typeof timeline> =>
  timeline(trafficRules(correlations, 3), { grace: () => trafficGrace, mostAwake: 2, maxKeys });

function give(story: ReturnType<typeof timeline>, { time, key, value, action, number }: Happening & { number: number }): void {
  const fields = { 'source.ip': key, 'user.name': value, 'event.action': action, 'source.geo.location': trafficPlaces[value]! };
  story.event(time, { ...fields, 'client.ip': value, 'http.response.bytes': number, 'gatewatch.object.id': `order-${number}` });
}

describe('a save in pieces', () => {
  it('writes the state of the moment in which it began, byte by byte, whatever happens until it is written', () => {
    fc.assert(
      fc.property(rules, numbered, pieces, fc.integer({ min: 2, max: 9 }), (correlations, events, most, maxKeys) => {
        const [whole, pieced] = [told(correlations, maxKeys), told(correlations, maxKeys)];
        const [expected, written] = [new MemoryState(), new MemoryState()];
        let [saving, piece]: [Saving | undefined, number] = [undefined, 0];
        for (const event of events) {
          if (!saving) {
            whole.detector.save(expected);
            saving = pieced.detector.beginSave(written);
          } else if (saving.some(most[piece++ % most.length]!)) {
            expect(new Map([...written.map].sort())).toEqual(new Map([...expected.map].sort()));
            saving = undefined;
          }
          give(whole, event);
          give(pieced, event);
        }
        saving?.some(Infinity);
        expect(new Map([...written.map].sort())).toEqual(new Map([...expected.map].sort()));
      }),
      { numRuns: 400 },
    );
  });
});
