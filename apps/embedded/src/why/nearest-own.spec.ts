import { describe, expect, it } from 'vitest';
import { nearestInWords } from './nearest-own.js';
import type { Counted } from './nearest-window.js';
import type { WatchedRule } from './watched-rule.js';

const minute = 60_000;
const input = (level: string) => ({ detection: 0, id: 'a', title: 'A', level, slots: [] });
const rule = (type: string, threshold: number, timespan: number, settings: Record<string, unknown>): WatchedRule =>
  ({ type, threshold, timespan, settings, direct: true, inputs: [input('high'), input('low')], groupBy: [], field: 0 }) as unknown as WatchedRule; // prettier-ignore
const at = (time: number, value = '', kind = 0): Counted => ({ time, value, input: kind, offset: time });

describe('how close a group came to a rule of our own types, in words', () => {
  it('says hits and share for ratio', () => {
    const events = [0, 1, 2, 3].flatMap((n) => [at(n * 1000, '', 1), ...(n < 2 ? [at(n * 1000)] : [])]);
    expect(nearestInWords(events, rule('ratio', 4, minute, { share: 0.8 }))).toBe(
      'nearest window, from 1970-01-01T00:00:00.000Z: 2 of 4 hits, 100 % of all where 80 % are asked for',
    );
  });

  it('says amount, what was usual, and that a group is still being learned, for spike', () => {
    const events = [...[0, 10, 20].map((n) => at(n * minute)), ...Array.from({ length: 4 }, () => at(30 * minute))];
    const settings = { factor: 5, usual: 'max', history: '7d', learning: '1d' };
    expect(nearestInWords(events, rule('spike', 10, 10 * minute, settings))).toBe(
      'nearest bucket, from 1970-01-01T00:30:00.000Z: 4, where at least 10 and 5 times the usual 1 are asked for; the group was known for 30m then, and is judged after 1d',
    );
  });

  it('says how long a group was heard and how long it paused, for absence', () => {
    const events = [0, 5, 10, 40].map((n) => at(n * minute));
    expect(nearestInWords(events, rule('absence', 1, 10 * minute, { learning: '1d' }))).toBe(
      'heard without a gap for at most 20m, where 1d are asked for; longest pause 30m, from 1970-01-01T00:10:00.000Z, where a whole bucket of 10m counts',
    );
  });

  it('says the longest row of ids for sequence_walk, and when there are no numbers', () => {
    const walk = rule('sequence_walk', 20, 10 * minute, { max_stride: 1000 });
    const ids = ['500', '510', '77', '520', '530'];
    expect(nearestInWords(ids.map((id, n) => at(n * 1000, id)), walk)).toBe(
      'longest walk, until 1970-01-01T00:00:04.000Z: 4 of 20 ids with stride 10',
    ); // prettier-ignore
    expect(nearestInWords([at(0, 'abc')], walk)).toBe('none of the values ends in a number');
  });

  it('says points, each rule no more often than it counts, for risk', () => {
    const settings = { cap: 2, points: { high: 40, low: 5 } };
    const events = [at(0), at(1), at(2), at(3, '', 1)];
    expect(nearestInWords(events, rule('risk', 100, minute, settings))).toBe(
      'most in one window, from 1970-01-01T00:00:00.000Z: 85 of 100 points, from 2 of 2 rules',
    );
  });

  it('says distance and speed for geo_velocity', () => {
    const travel = rule('geo_velocity', 1, 180 * minute, { speed: 800, distance: 500, radius: 50 });
    expect(nearestInWords([at(0, '52.52,13.4'), at(60 * minute, '48.14,11.58')], travel)).toBe(
      'nearest pair, 1970-01-01T00:00:00.000Z and 1970-01-01T01:00:00.000Z: 403.8 km at 403.8 km/h, where 500 km and 800 km/h are asked for, 50 km taken off at both ends',
    );
    expect(nearestInWords([at(0), at(1, '52,13')], travel)).toBe('1 of 2 events have a place, so nothing can be compared');
  });

  it('says which value was new and how long the group was known, for new_value', () => {
    const novelty = rule('new_value', 1, 30 * 24 * 60 * minute, { learning: '7d' });
    const day = 24 * 60 * minute;
    expect(nearestInWords([at(0, 'DE'), at(day, 'DE'), at(2 * day, 'FR')], novelty)).toBe(
      '2 values; nearest: FR was new at 1970-01-03T00:00:00.000Z, when the group was known for 2d, where 7d are asked for',
    );
  });

  it('points to the rules behind where a rule reads signals, and is silent on types that count', () => {
    expect(nearestInWords([at(0)], { ...rule('risk', 1, 1, {}), direct: false })).toContain('why-not');
    expect(nearestInWords([at(0)], rule('value_sum', 1, 1, {}))).toBeUndefined();
  });
});
