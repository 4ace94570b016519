import fc from 'fast-check';
import { FieldIndex, slot, type Signal } from '#ecs';
import type { OracleEpisode, OracleEvent } from './oracle.js';
import { ruleSet, type TestCorrelation } from './rule-set.js';
import { timeline, timelineStart } from './timeline.js';

/** An event of generated traffic. */
export interface Happening extends OracleEvent {
  readonly key: string;
  readonly value: string;
  readonly action: string;
}

/** Grace of generated traffic, in milliseconds. */
export const trafficGrace = 30;
/** Where the values of generated traffic lie on earth. */
export const trafficPlaces: Record<string, { lat: number; lon: number }> = {
  v0: { lat: 52, lon: 13 },
  v1: { lat: -33, lon: 151 },
  v2: { lat: 40, lon: -74 },
  v3: { lat: 52.3, lon: 13.2 },
};

/** Events of few keys at clustered, often equal times, in an order of arrival in which none is later than the grace. */
export function traffic(actions: number, spread = 120): fc.Arbitrary<Happening[]> {
  const event = fc.record({
    time: fc.oneof(
      fc.integer({ min: 0, max: spread }),
      fc.integer({ min: 0, max: 8 }).map((n) => n * 10),
    ),
    delay: fc.integer({ min: 0, max: trafficGrace }),
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

/** Detections `act0` … that match an `event.action`, and the correlations over them. */
export function trafficRules(correlations: readonly TestCorrelation[], actions: number): ReturnType<typeof ruleSet> {
  const detections = Array.from({ length: actions }, (_, n) => ({
    id: `act${n}`,
    matches: (values: readonly unknown[]) => values[slot['event.action']] === `act${n}`,
  }));
  return ruleSet(detections, correlations);
}

/** Final signals per key as the oracle words them. `cuts` are the places where the detector is saved and made anew. */
export function runTraffic(correlations: readonly TestCorrelation[], events: readonly Happening[], cuts: readonly number[] = []): Signal[] {
  const story = timeline(trafficRules(correlations, 3), { grace: () => trafficGrace, index: new FieldIndex(), mostAwake: 1 });
  events.forEach(({ time, key, value, action }, i) => {
    if (cuts.includes(i)) story.restart();
    const fields = { 'source.ip': key, 'user.name': value, 'event.action': action, 'source.geo.location': trafficPlaces[value]! };
    story.event(time, { ...fields, 'client.ip': value });
  });
  return story.finish().all();
}

/** What a rule found for one key, as the oracle words it. */
export function episodesOf(signals: readonly Signal[], rule: string, key: string): OracleEpisode[] {
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
