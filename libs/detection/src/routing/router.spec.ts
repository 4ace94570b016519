import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FieldIndex, slot, type FieldValue, type Signal } from '#ecs';
import { traffic, trafficGrace, trafficRules, type Happening } from '#testkit';
import { buildDetector } from '../detector.js';
import { defaultDetectorSettings } from '../detector-settings.js';
import type { Detector, MatchedObserver, Observation } from '../detection.js';
import { ruleTypes } from '../rule-types/rule-types.js';
import { loadRules } from '../sigma/load-rules.js';
import { ruleTuning } from '../sigma/tuning.js';
import { Router } from './router.js';

type Rules = ReturnType<typeof trafficRules>;

const rule = (over: object) => ({
  id: 'r',
  type: 'event_count',
  inputs: ['act0'],
  groupBy: ['source.ip'],
  timespan: 15,
  threshold: 2,
  ...over,
});
/** Rules of different keys over the same events, and chains of them. */
const sets = {
  'keys of their own': [
    rule({ id: 'a' }),
    rule({ id: 'b', groupBy: ['user.name'] }),
    rule({ id: 'c', groupBy: ['source.ip', 'user.name'] }),
  ],
  'no key at all': [rule({ id: 'a', groupBy: [] })],
  'a chain by part of the key': [
    rule({ id: 'deep', groupBy: ['source.ip', 'user.name'], generates: false }),
    rule({ id: 'top', type: 'temporal', inputs: ['deep', 'act1'], groupBy: ['source.ip'], threshold: undefined }),
  ],
  'a chain without a common key': [
    rule({ id: 'deep', groupBy: ['user.name'], generates: false }),
    rule({ id: 'top', inputs: ['deep'], groupBy: [], threshold: 1 }),
  ],
  'a gate by part of the key': [
    rule({
      id: 'many',
      type: 'crowd',
      inputs: ['act0'],
      timespan: 400,
      threshold: 2,
      field: 'user.name',
      settings: { settle: '35ms' },
      generates: false,
    }),
    rule({ id: 'broad', inputs: ['act1', 'many'], gate: { rule: 'many', when: false } }),
    rule({ id: 'narrow', inputs: ['act1', 'many'], groupBy: ['source.ip', 'user.name'], gate: { rule: 'many', when: true }, threshold: 1 }),
  ],
  'an alias': [
    rule({
      id: 'a',
      inputs: ['act0', 'act1'],
      groupBy: ['who'],
      fieldOf: (_: string, input: string) => (input === 'act0' ? 'source.ip' : 'client.ip'),
    }),
  ],
};

const settings = { ...defaultDetectorSettings, grace: () => trafficGrace, sources: ['s'] };
const host = { resolve: ({ values }: Observation, at: number) => values[at], line: () => undefined };

function observation({ time, key, value, action }: Happening, offset: number): Observation {
  const values: FieldValue[] = [];
  values[slot['source.ip']] = key;
  values[slot['user.name']] = value;
  values[slot['client.ip']] = value === 'v0' ? 'a' : 'b';
  values[slot['event.action']] = action;
  return { time, stamp: time, offset, arrival: 1000, source: 's', id: `e${offset}`, values };
}

const facts = (signals: readonly Signal[]): string[] => {
  const newest = new Map(signals.map((signal) => [signal.id, signal]));
  return [...newest.values()]
    .filter(({ status }) => status !== 'merged')
    .map(({ rule: { id }, group, count, first, last }) => JSON.stringify([id, group, count, first, last]))
    .sort();
};

/** One detector for everything. */
function undivided(rules: Rules, index: FieldIndex, events: readonly Happening[]): string[] {
  const detector = buildDetector({ rules, index, host, settings });
  events.forEach((event, offset) => detector.observe(observation(event, offset)));
  detector.finish();
  return facts(detector.changes());
}

/** A detector for each unit in each partition, which sees nothing but what is routed to it, and hears of time. */
function divided(rules: Rules, index: FieldIndex, events: readonly Happening[], partitions: number): string[] {
  const router = new Router({ rules, index, partitions, ipv6Prefix: 64 });
  const detectors = Array.from({ length: partitions }, () =>
    router.units.map((unit): Detector & MatchedObserver => buildDetector({ rules: unit.rules, index, host, settings })),
  );
  const found = new Int32Array(rules.detections.length);
  const one = new Int32Array(rules.detections.length);
  events.forEach((event, offset) => {
    const seen = observation(event, offset);
    const routed = router.route(seen, found, rules.matcher.match(seen.values, found));
    for (const { partition, hits } of routed) {
      const places = hits.filter((_, at) => at % 2 === 0);
      expect(places).toEqual(places.toSorted((left, right) => left - right));
      for (const unit of new Set(hits.filter((_, at) => at % 2 === 0))) {
        const detections = hits.filter((_, at) => at % 2 === 1 && hits[at - 1] === unit).sort((left, right) => left - right);
        one.set(detections);
        detectors[partition]![unit]!.observeMatched(seen, one, detections.length);
      }
    }
    // What was not routed is known by the progress of time.
    for (const detector of detectors.flat()) detector.observeMatched({ ...seen, values: [], offset: 1e6 + offset }, one, 0);
  });
  return facts(
    detectors.flat().flatMap((detector) => {
      detector.finish();
      return detector.changes();
    }),
  );
}

describe('rules that are shared out over partitions', () => {
  it.each(Object.entries(sets))('find what one detector finds: %s', (_, correlations) => {
    fc.assert(
      fc.property(traffic(2), fc.integer({ min: 1, max: 7 }), (events, partitions) => {
        const index = new FieldIndex();
        const rules = trafficRules(correlations, 2);
        expect(divided(rules, index, events, partitions)).toEqual(undivided(rules, index, events));
      }),
      { numRuns: 40 },
    );
  });

  it('count what an exception or an override for some events leaves, as one detector does', () => {
    const text = `
title: Acted
name: acted
id: 5f1e3c0a-0000-4000-8000-000000000001
detection: { selection: { event.action: act0 }, condition: selection }
---
title: Often
name: often
id: 5f1e3c0a-0000-4000-8000-000000000002
correlation: { type: event_count, rules: [acted], group-by: [source.ip], timespan: 15s, condition: { gte: 2 } }
---
title: Seen
name: seen
id: 5f1e3c0a-0000-4000-8000-000000000003
detection: { selection: { event.action: act1 }, condition: selection }
`;
    const tuning = ruleTuning.parse({
      overrides: [{ rule: 'often', when: { 'user.name': 'v0' }, gte: 3 }],
      exceptions: [{ name: 'known', rules: 'seen', when: { 'user.name': 'v1' }, owner: 'Ann', reason: 'a test', expires: '2100-01-01' }],
    });
    const untuned = new Set<string>();
    const tuned = new Set<string>();
    fc.assert(
      fc.property(traffic(2), fc.integer({ min: 1, max: 7 }), (events, partitions) => {
        const index = new FieldIndex();
        const { rules, problems } = loadRules([{ file: 'r.yml', text }], { index, ruleTypes, tuning });
        expect(problems).toEqual([]);
        const found = undivided(rules, index, events);
        expect(divided(rules, index, events, partitions)).toEqual(found);
        for (const one of found) tuned.add(one);
        const plain = loadRules([{ file: 'r.yml', text }], { index, ruleTypes });
        for (const one of undivided(plain.rules, index, events)) untuned.add(one);
      }),
      { numRuns: 40 },
    );
    expect(tuned).not.toEqual(untuned);
  });

  it('puts addresses of one IPv6 network in one place', () => {
    const index = new FieldIndex();
    const rules = trafficRules([rule({ id: 'a' })] as never, 1);
    const router = new Router({ rules, index, partitions: 64, ipv6Prefix: 64 });
    const place = (key: string): number =>
      router.route(observation({ time: 0, key, value: 'v0', action: 'act0', offset: 0 }, 0), Int32Array.of(0), 1)[0]!.partition;
    expect(place('2001:db8::1')).toBe(place('2001:db8::ffff'));
  });

  it('leaves out what has no key', () => {
    const index = new FieldIndex();
    const rules = trafficRules([rule({ id: 'a', groupBy: ['host.name'] })] as never, 1);
    const router = new Router({ rules, index, partitions: 3, ipv6Prefix: 64 });
    expect(router.route(observation({ time: 0, key: 'a', value: 'v0', action: 'act0', offset: 0 }, 0), Int32Array.of(0), 1)).toEqual([]);
  });
});
