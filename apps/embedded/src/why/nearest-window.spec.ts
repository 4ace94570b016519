import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestWindow, type Counted } from './nearest-window.js';
import type { WatchedRule } from './watched-rule.js';

const input = { detection: 0, id: 'a', title: 'A', slots: [] };
const rule = (type: string, threshold: number, timespan: number, inputs = 1): WatchedRule =>
  ({
    type,
    threshold,
    timespan,
    inputs: Array.from({ length: inputs }, () => input),
    direct: true,
    groupBy: [],
    settings: {},
    field: 0,
    rule: {},
  }) as unknown as WatchedRule;
const at = (...times: number[]): Counted[] => times.map((time, offset) => ({ time, offset, input: 0, value: '' }));

describe('the nearest window', () => {
  it('is the fullest one of an event count, both ends included', () => {
    expect(nearestWindow(at(0, 10, 110, 150, 210, 500), rule('event_count', 5, 100))).toEqual({
      from: 110,
      to: 210,
      reached: 3,
      needed: 5,
      missing: 2,
      of: 'events',
    });
  });

  it('agrees with looking at every window', () => {
    const some = fc.array(fc.record({ time: fc.nat(300), value: fc.constantFrom('a', 'b', 'c', 'd') }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 120 }), (all, span) => {
        const events = all.map(({ time, value }, offset) => ({ time, value, offset, input: 0 })).sort((a, b) => a.time - b.time);
        const windows = events.map(({ time }) => events.filter((other) => other.time >= time && other.time - time <= span));
        expect(nearestWindow(events, rule('event_count', 9, span))?.reached).toBe(Math.max(...windows.map((window) => window.length)));
        const distinct = windows.map((window) => new Set(window.map(({ value }) => value)).size);
        expect(nearestWindow(events, rule('value_count', 9, span))?.reached).toBe(Math.max(...distinct));
      }),
    );
  });

  it('counts kinds of event, and steps in their order', () => {
    const mixed = [
      [0, 0],
      [50, 2],
      [60, 1],
      [400, 2],
    ].map(([time, kind], offset) => ({ time: time!, input: kind!, offset, value: '' }));
    expect(nearestWindow(mixed, rule('temporal', 1, 100, 3))).toMatchObject({ reached: 3, missing: 0 });
    expect(nearestWindow(mixed, rule('temporal_ordered', 1, 100, 3))).toMatchObject({ reached: 2, missing: 1, from: 0, to: 60 });
  });

  it('is not told of rules that read other correlations, or of other types', () => {
    expect(nearestWindow(at(1), { ...rule('event_count', 2, 100), direct: false })).toBeUndefined();
    expect(nearestWindow(at(1), rule('geo_velocity', 1, 100))).toBeUndefined();
  });
});
