import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from './index.js';

describe('parseDuration', () => {
  it.each([
    ['250ms', 250],
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['30d', 2_592_000_000],
    ['1w', 604_800_000],
    ['1M', 2_592_000_000],
    ['1y', 31_536_000_000],
    ['0s', 0],
  ])('reads %s', (text, millis) => {
    expect(parseDuration(text)).toBe(millis);
  });

  it.each(['', '5', '5 m', 'm', '-5m', '5min', '5m ', ' 5m', '1h-30m', '1,5h', '.5h', '5mx', '1e3s', '٥m'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('takes time in proportion to the text', () => {
    expect(parseDuration(`${'1h'.repeat(50_000)}!`)).toBeUndefined();
    expect(parseDuration('1'.repeat(100_000))).toBeUndefined();
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0ms'],
    [999.6, '1000ms'],
    [1000, '1s'],
    [250_000, '4m 10s'],
    [5_400_000, '1h 30m'],
    [90_061_000, '1d 1h'],
    [86_400_000, '1d'],
  ])('writes %d as %s', (millis, text) => {
    expect(formatDuration(millis)).toBe(text);
  });

  it('is read back as the same length, to its two largest units', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 3e10 }), (millis) => {
        const back = parseDuration(formatDuration(millis).replaceAll(' ', ''))!;
        expect(Math.abs(back - millis)).toBeLessThanOrEqual(Math.max(500, millis / 24));
      }),
    );
  });
});
