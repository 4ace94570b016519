import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  absenceEpisodes,
  episodesOf,
  ratioEpisodes,
  riskEpisodes,
  runTraffic,
  spikeEpisodes,
  traffic,
  trafficGrace,
  trafficRules,
  timeline,
  walkEpisodes,
  type Happening,
} from '#testkit';

const runs = { numRuns: 300 };
const keys = ['a', 'b'];
const cuts = fc.array(fc.integer({ min: 0, max: 45 }), { maxLength: 3 });
const timespan = fc.integer({ min: 1, max: 60 });
const own = (events: readonly Happening[], key: string, action?: string): Happening[] =>
  events.filter((event) => event.key === key && (action === undefined || event.action === action));

describe('the extensions find what their oracles find, in any order of arrival within the grace and over restarts', () => {
  it('for ratio', () => {
    const asked = fc.record({ timespan, threshold: fc.integer({ min: 1, max: 4 }), share: fc.constantFrom(0.2, 0.5, 0.9) });
    fc.assert(
      fc.property(traffic(2), asked, cuts, (events, { timespan: w, threshold, share }, at) => {
        const rule = {
          id: 'r',
          type: 'ratio',
          inputs: ['act0', 'act1'],
          groupBy: ['source.ip'],
          timespan: w,
          threshold,
          settings: { share },
        };
        const signals = runTraffic([rule], events, at);
        for (const key of keys)
          expect(episodesOf(signals, 'r', key)).toEqual(
            ratioEpisodes(own(events, key, 'act0'), own(events, key, 'act1'), { timespan: w, threshold, share }),
          );
      }),
      runs,
    );
  });

  it('for spike', () => {
    const asked = fc.record({
      timespan: fc.integer({ min: 1, max: 25 }),
      threshold: fc.integer({ min: 1, max: 4 }),
      factor: fc.constantFrom(1.5, 2, 3),
      learning: fc.integer({ min: 1, max: 40 }),
      history: fc.integer({ min: 1, max: 80 }),
      usual: fc.constantFrom<'max' | 'mean'>('max', 'mean'),
    });
    fc.assert(
      fc.property(traffic(1), asked, cuts, (events, { timespan: w, threshold, factor, learning, history, usual }, at) => {
        const settings = { factor, usual, learning: `${learning}ms`, history: `${history}ms` };
        const rule = { id: 'r', type: 'spike', inputs: ['act0'], groupBy: ['source.ip'], timespan: w, threshold, settings };
        const signals = runTraffic([rule], events, at);
        const asking = { timespan: w, threshold, factor, learning, history, usual };
        for (const key of keys) expect(episodesOf(signals, 'r', key)).toEqual(spikeEpisodes(own(events, key), asking));
      }),
      runs,
    );
  });

  it('for absence', () => {
    const asked = fc.record({ timespan: fc.integer({ min: 1, max: 25 }), threshold: fc.integer({ min: 1, max: 2 }), learning: timespan });
    fc.assert(
      fc.property(traffic(1), asked, cuts, (events, { timespan: w, threshold, learning }, at) => {
        const forget = 10_000;
        const settings = { learning: `${learning}ms`, forget: `${forget}ms` };
        const rule = { id: 'r', type: 'absence', inputs: ['act0'], groupBy: ['source.ip'], timespan: w, threshold, settings };
        const signals = runTraffic([rule], events, at);
        const until = Math.max(-1, ...events.map(({ time }) => time)) - trafficGrace;
        for (const key of keys) {
          const expected = absenceEpisodes(own(events, key), { timespan: w, threshold, learning, forget, until: Infinity });
          // What the end of the story leaves open is told only of silences that were complete before it.
          expect(episodesOf(signals, 'r', key)).toEqual(expected.filter(({ reached, first, last }) => reached < until || last > first));
        }
      }),
      runs,
    );
  });

  it('for sequence_walk', () => {
    const asked = fc.record({ timespan, threshold: fc.integer({ min: 2, max: 4 }), maxStride: fc.integer({ min: 1, max: 5 }) });
    const ids = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 45, maxLength: 45 });
    fc.assert(
      fc.property(traffic(1), ids, asked, cuts, (events, numbers, { timespan: w, threshold, maxStride }, at) => {
        const rule = {
          id: 'r',
          type: 'sequence_walk',
          inputs: ['act0'],
          groupBy: ['source.ip'],
          timespan: w,
          threshold,
          field: 'gatewatch.object.id',
          settings: { max_stride: maxStride },
        };
        const story = timeline(trafficRules([rule], 1), { grace: () => trafficGrace, mostAwake: 1 });
        events.forEach(({ time, key, action }, i) => {
          if (at.includes(i)) story.restart();
          story.event(time, { 'source.ip': key, 'event.action': action, 'gatewatch.object.id': `order-${numbers[i]}` });
        });
        const signals = story.finish().all();
        const walked = events.map((event, i) => ({ ...event, number: numbers[i]! }));
        for (const key of keys)
          expect(episodesOf(signals, 'r', key)).toEqual(
            walkEpisodes(
              walked.filter((event) => event.key === key),
              { timespan: w, threshold, maxStride },
            ),
          );
      }),
      runs,
    );
  });

  it('for risk', () => {
    const asked = fc.record({ timespan, threshold: fc.integer({ min: 1, max: 60 }), cap: fc.integer({ min: 1, max: 3 }) });
    fc.assert(
      fc.property(traffic(3), asked, cuts, (events, { timespan: w, threshold, cap }, at) => {
        // Detections of a test are of level medium: 15 points.
        const rule = {
          id: 'r',
          type: 'risk',
          inputs: ['act0', 'act1', 'act2'],
          groupBy: ['source.ip'],
          timespan: w,
          threshold,
          settings: { cap },
        };
        const signals = runTraffic([rule], events, at);
        for (const key of keys) {
          const findings = own(events, key).map((event) => ({ ...event, rule: Number(event.action.at(-1)) }));
          expect(episodesOf(signals, 'r', key)).toEqual(riskEpisodes(findings, { timespan: w, threshold, cap, points: [15, 15, 15] }));
        }
      }),
      runs,
    );
  });
});
