import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Signal } from '#ecs';
import {
  eventCountEpisodes,
  newValues,
  pairEpisodes,
  ruleSet,
  temporalEpisodes,
  timeline,
  timelineStart,
  valueCountEpisodes,
  type OracleEpisode,
  type OracleEvent,
  type TestCorrelation,
} from '#testkit';
import { FieldIndex, slot } from '#ecs';
import { journey } from './rule-types/geo-velocity/travel.js';

interface Happening extends OracleEvent {
  readonly key: string;
  readonly value: string;
  readonly action: string;
}

const grace = 30;
const runs = { numRuns: 300 };
const places: Record<string, { lat: number; lon: number }> = {
  v0: { lat: 52, lon: 13 },
  v1: { lat: -33, lon: 151 },
  v2: { lat: 40, lon: -74 },
  v3: { lat: 52.3, lon: 13.2 },
};

/** Events of few keys at clustered, often equal times, in an order of arrival in which none is later than the grace. */
function traffic(actions: number, spread = 120): fc.Arbitrary<Happening[]> {
  const event = fc.record({
    time: fc.oneof(
      fc.integer({ min: 0, max: spread }),
      fc.integer({ min: 0, max: 8 }).map((n) => n * 10),
    ),
    delay: fc.integer({ min: 0, max: grace }),
    key: fc.constantFrom('a', 'b'),
    value: fc.constantFrom('v0', 'v1', 'v2', 'v3'),
    action: fc.integer({ min: 0, max: actions - 1 }).map((n) => `act${n}`),
  });
  return fc
    .array(event, { maxLength: 45 })
    .map((events) =>
      [...events]
        .sort((one, other) => one.time + one.delay - other.time - other.delay)
        .map(({ delay: _, ...rest }, offset) => ({ ...rest, offset })),
    );
}

function rulesOf(correlations: readonly TestCorrelation[], actions: number) {
  const detections = Array.from({ length: actions }, (_, n) => ({
    id: `act${n}`,
    matches: (values: readonly unknown[]) => values[slot['event.action']] === `act${n}`,
  }));
  return ruleSet(detections, correlations);
}

/** Final signals per key as the oracle words them. `cuts` are the places where the detector is saved and made anew. */
function run(correlations: readonly TestCorrelation[], events: readonly Happening[], cuts: readonly number[] = []): Signal[] {
  const story = timeline(rulesOf(correlations, 3), { grace: () => grace, index: new FieldIndex() });
  events.forEach(({ time, key, value, action }, i) => {
    if (cuts.includes(i)) story.restart();
    const fields = { 'source.ip': key, 'user.name': value, 'event.action': action, 'source.geo.location': places[value]! };
    story.event(time, { ...fields, 'client.ip': value });
  });
  return story.finish().all();
}

function episodesOf(signals: readonly Signal[], rule: string, key: string): OracleEpisode[] {
  return signals
    .filter((signal) => signal.status !== 'merged' && signal.rule.id === rule && signal.group['source.ip'] === key)
    .map(({ first, last, reached, count }) => ({
      first: first - timelineStart,
      last: last - timelineStart,
      reached: reached - timelineStart,
      count,
    }))
    .sort((one, other) => one.first - other.first);
}

function only({ first, last, reached, count }: OracleEpisode): OracleEpisode {
  return { first, last, reached, count };
}

const threshold = fc.integer({ min: 1, max: 5 });
const timespan = fc.integer({ min: 0, max: 25 });

describe('the stream finds what the oracle finds, in whatever order events arrive within the grace', () => {
  it('for event_count', () => {
    fc.assert(
      fc.property(traffic(1), threshold, timespan, (events, n, w) => {
        const rule = { id: 'r', type: 'event_count', inputs: ['act0'], groupBy: ['source.ip'], timespan: w, threshold: n };
        const signals = run([rule], events);
        for (const key of ['a', 'b'])
          expect(episodesOf(signals, 'r', key)).toEqual(
            eventCountEpisodes(
              events.filter((event) => event.key === key),
              n,
              w,
            ),
          );
      }),
      runs,
    );
  });

  it('for value_count', () => {
    fc.assert(
      fc.property(traffic(1), fc.integer({ min: 1, max: 4 }), timespan, (events, n, w) => {
        const rule = {
          id: 'r',
          type: 'value_count',
          inputs: ['act0'],
          groupBy: ['source.ip'],
          timespan: w,
          threshold: n,
          field: 'user.name',
        };
        const signals = run([rule], events);
        for (const key of ['a', 'b']) {
          const expected = valueCountEpisodes(
            events.filter((event) => event.key === key),
            n,
            w,
          );
          expect(episodesOf(signals, 'r', key)).toEqual(expected.map(only));
          const distinct = signals
            .filter(({ status, group }) => status !== 'merged' && group['source.ip'] === key)
            .sort((one, other) => one.first - other.first);
          expect(distinct.map((signal) => signal.distinct)).toEqual(expected.map((episode) => episode.distinct));
        }
      }),
      runs,
    );
  });

  it.each([true, false])('for temporal rules over matches (ordered: %s)', (ordered) => {
    fc.assert(
      fc.property(traffic(3), fc.integer({ min: 2, max: 3 }), timespan, (events, inputs, w) => {
        const rule = {
          id: 'r',
          type: ordered ? 'temporal_ordered' : 'temporal',
          inputs: ['act0', 'act1', 'act2'].slice(0, inputs),
          groupBy: ['source.ip'],
          timespan: w,
        };
        const few = events.slice(0, 24);
        const signals = run([rule], few);
        for (const key of ['a', 'b']) {
          const occurrences = few
            .filter((event) => event.key === key && Number(event.action.at(-1)) < inputs)
            .map(({ time, action }) => ({ input: Number(action.at(-1)), from: time, to: time }));
          expect(episodesOf(signals, 'r', key)).toEqual(temporalEpisodes(occurrences, { inputs, timespan: w, ordered }));
        }
      }),
      runs,
    );
  });

  it.each([true, false])('for a temporal rule over the episodes of a count and a match (ordered: %s)', (ordered) => {
    fc.assert(
      fc.property(traffic(2), fc.integer({ min: 1, max: 3 }), timespan, timespan, (events, n, w, chain) => {
        const burst = {
          id: 'burst',
          type: 'event_count',
          inputs: ['act0'],
          groupBy: ['source.ip'],
          timespan: w,
          threshold: n,
          generates: false,
        };
        const rule = {
          id: 'r',
          type: ordered ? 'temporal_ordered' : 'temporal',
          inputs: ['burst', 'act1'],
          groupBy: ['source.ip'],
          timespan: chain,
        };
        const few = events.slice(0, 30);
        const signals = run([burst, rule], few);
        expect(signals.some((signal) => signal.rule.id === 'burst')).toBe(false);
        for (const key of ['a', 'b']) {
          const own = few.filter((event) => event.key === key);
          const bursts = eventCountEpisodes(
            own.filter(({ action }) => action === 'act0'),
            n,
            w,
          );
          const occurrences = [
            ...bursts.map(({ reached, last }) => ({ input: 0, from: reached, to: last })),
            ...own.filter(({ action }) => action === 'act1').map(({ time }) => ({ input: 1, from: time, to: time })),
          ];
          expect(episodesOf(signals, 'r', key)).toEqual(temporalEpisodes(occurrences, { inputs: 2, timespan: chain, ordered }));
        }
      }),
      runs,
    );
  });

  it('for a count of the episodes of a count', () => {
    fc.assert(
      fc.property(
        traffic(1),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: 0, max: 60 }),
        (events, n, w, outer) => {
          const burst = { id: 'burst', type: 'event_count', inputs: ['act0'], groupBy: ['source.ip'], timespan: w, threshold: n };
          const rule = { id: 'r', type: 'event_count', inputs: ['burst'], groupBy: ['source.ip'], timespan: outer, threshold: 2 };
          const signals = run([burst, rule], events);
          for (const key of ['a', 'b']) {
            const bursts = eventCountEpisodes(
              events.filter((event) => event.key === key),
              n,
              w,
            );
            const counted = bursts.map(({ reached }, offset) => ({ time: reached, offset }));
            expect(episodesOf(signals, 'r', key)).toEqual(eventCountEpisodes(counted, 2, outer));
          }
        },
      ),
      runs,
    );
  });

  it('for geo_velocity', () => {
    fc.assert(
      fc.property(traffic(1), timespan, (events, w) => {
        const settings = { speed: 3_000_000_000, distance: 500 };
        const rule = { id: 'r', type: 'geo_velocity', inputs: ['act0'], groupBy: ['source.ip'], timespan: w, settings };
        const signals = run([rule], events);
        for (const key of ['a', 'b']) {
          const own = events.filter((event) => event.key === key);
          const expected = pairEpisodes(own, w, (one, other) => {
            if (one.value === other.value) return false;
            const { distance, speed } = journey(
              { ...places[one.value]!, time: one.time },
              { ...places[other.value]!, time: other.time },
              50,
            );
            return distance >= settings.distance && speed >= settings.speed;
          });
          expect(episodesOf(signals, 'r', key)).toEqual(expected);
        }
      }),
      runs,
    );
  });

  it('for new_value', () => {
    fc.assert(
      fc.property(traffic(1), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 40 }), (events, memory, learning) => {
        const settings = { learning: `${learning}ms`, episode: '3ms' };
        const rule = {
          id: 'r',
          type: 'new_value',
          inputs: ['act0'],
          groupBy: ['source.ip'],
          timespan: memory,
          field: 'user.name',
          settings,
        };
        const signals = run([rule], events);
        for (const key of ['a', 'b']) {
          const found = newValues(
            events.filter((event) => event.key === key),
            memory,
            learning,
          );
          expect(episodesOf(signals, 'r', key)).toEqual(eventCountEpisodes(found, 1, 3));
        }
      }),
      runs,
    );
  });
});

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
];

describe('a detector made from saved state', () => {
  it('gives the same signals, to the last field, as one that was never interrupted', () => {
    fc.assert(
      fc.property(traffic(3), fc.array(fc.integer({ min: 0, max: 45 }), { maxLength: 6 }), (events, cuts) => {
        expect(run(every, events, cuts)).toEqual(run(every, events));
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
          const plain = timeline(rulesOf(every, 3), { grace: () => grace });
          const disturbed = timeline(rulesOf(every, 3), { grace: () => grace });
          let newest = -Infinity;
          let late = 0;
          const fields = ({ key, value, action }: Happening) => ({ 'source.ip': key, 'user.name': value, 'event.action': action });
          events.forEach((event, i) => {
            for (const stray of strays.filter(({ at }) => at === i && newest > -Infinity)) {
              late++;
              // The undisturbed run gets one that no rule reads, so that both have the same offsets and arrivals.
              plain.event(newest - grace - stray.before, {});
              disturbed.event(newest - grace - stray.before, fields(event));
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
