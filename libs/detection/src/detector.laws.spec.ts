import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Signal } from '#ecs';
import {
  episodesOf,
  eventCountEpisodes,
  newValues,
  pairEpisodes,
  runTraffic,
  temporalEpisodes,
  traffic,
  trafficPlaces,
  valueCountEpisodes,
  type Happening,
  type OracleEpisode,
} from '#testkit';
import { journey } from './rule-types/geo-velocity/travel.js';

const runs = { numRuns: 300 };

function only({ first, last, reached, count }: OracleEpisode): OracleEpisode {
  return { first, last, reached, count };
}

const threshold = fc.integer({ min: 1, max: 5 });
const timespan = fc.integer({ min: 0, max: 25 });

/** Chains: a burst (event_count) and a match, within a timespan. */
function expectChain(
  events: readonly Happening[],
  { n, w, chain, ordered }: { n: number; w: number; chain: number; ordered: boolean },
): Signal[] {
  const groupBy = ['source.ip'];
  const burst = { id: 'burst', type: 'event_count', inputs: ['act0'], groupBy, timespan: w, threshold: n, generates: false };
  const type = ordered ? 'temporal_ordered' : 'temporal';
  const signals = runTraffic([burst, { id: 'r', type, inputs: ['burst', 'act1'], groupBy, timespan: chain }], events);
  expect(signals.some((signal) => signal.rule.id === 'burst')).toBe(false);
  for (const key of ['a', 'b']) {
    const own = events.filter((event) => event.key === key);
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
  return signals;
}

describe('the stream finds what the oracle finds, in whatever order events arrive within the grace', () => {
  it('for event_count', () => {
    fc.assert(
      fc.property(traffic(1), threshold, timespan, (events, n, w) => {
        const rule = { id: 'r', type: 'event_count', inputs: ['act0'], groupBy: ['source.ip'], timespan: w, threshold: n };
        const signals = runTraffic([rule], events);
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
        const signals = runTraffic([rule], events);
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
        const signals = runTraffic([rule], few);
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
        expectChain(events.slice(0, 30), { n, w, chain, ordered });
      }),
      runs,
    );
  });

  it.each([true, false])('for a burst that grows over two matches and so completes two choices at once (ordered: %s)', (ordered) => {
    const act = (time: number, action: string, offset: number): Happening => ({ time, key: 'a', value: 'v0', action, offset });
    const events = [act(15, 'act0', 0), act(20, 'act1', 1), act(30, 'act1', 2), act(40, 'act0', 3)];
    const signals = expectChain(events, { n: 1, w: 25, chain: 0, ordered });
    expect(new Set(signals.map(({ id }) => id)).size).toBe(2);
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
          const signals = runTraffic([burst, rule], events);
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
        const signals = runTraffic([rule], events);
        for (const key of ['a', 'b']) {
          const own = events.filter((event) => event.key === key);
          const expected = pairEpisodes(own, w, (one, other) => {
            if (one.value === other.value) return false;
            const { distance, speed } = journey(
              { ...trafficPlaces[one.value]!, time: one.time },
              { ...trafficPlaces[other.value]!, time: other.time },
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
        const signals = runTraffic([rule], events);
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
