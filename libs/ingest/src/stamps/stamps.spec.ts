import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clfTime } from './clf-time.js';
import { epochTime, isoTime } from './iso-time.js';
import { syslogTime } from './syslog-time.js';
import { parseZone } from './zone.js';

const berlin = parseZone('Europe/Berlin')!;
const utc = parseZone('UTC')!;

describe('times', () => {
  it('are read as Date reads them', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1990-01-01T00:00:00Z'), max: new Date('2090-01-01T00:00:00Z'), noInvalidDate: true }),
        (date) => {
          expect(isoTime(date.toISOString(), undefined)).toBe(date.getTime());
          const [, d, m, y, c] = /, (\d+) (\w+) (\d+) ([\d:]+)/.exec(date.toUTCString())!;
          expect(clfTime(`${d}/${m}/${y}:${c} +0000`, 0, undefined)).toBe(Math.floor(date.getTime() / 1000) * 1000);
        },
      ),
    );
  });

  it('of summer and winter have their own offset, and the hour that happens twice is taken the first time', () => {
    expect(isoTime('2026-07-01 12:00:00', berlin)).toBe(Date.UTC(2026, 6, 1, 10));
    expect(isoTime('2026-01-01 12:00:00', berlin)).toBe(Date.UTC(2026, 0, 1, 11));
    expect(isoTime('2026-10-25 02:30:00', berlin)).toBe(Date.UTC(2026, 9, 25, 0, 30));
    expect(isoTime('2026-03-29 02:30:00', berlin)).toBe(Date.UTC(2026, 2, 29, 1, 30));
  });

  it('without year are the latest that is not more than a day ahead', () => {
    const at = (text: string, arrival: number): unknown => syslogTime(text, 0, { zone: utc, arrival });
    expect(at('Dec 31 23:59:59', Date.UTC(2026, 0, 1))).toBe(Date.UTC(2025, 11, 31, 23, 59, 59));
    expect(at('Jan  1 00:00:05', Date.UTC(2025, 11, 31, 23, 59))).toBe(Date.UTC(2026, 0, 1, 0, 0, 5));
    expect(at('Feb 29 00:00:00', Date.UTC(2027, 5, 1))).toBe(Date.UTC(2024, 1, 29));
  });

  it('in numbers are told apart by size', () => {
    for (const value of [1768471506.5, 1768471506500, 1768471506500000, 1768471506500000000]) expect(epochTime(value)).toBe(1768471506500);
  });

  it('that do not exist are refused', () => {
    for (const text of ['2026-02-29T00:00:00Z', '2026-13-01T00:00:00Z', '2026-01-01T24:00:00Z', '2026-01-01', ''])
      expect(isoTime(text, utc)).toMatchObject({ reason: 'timestamp' });
  });

  it('know a zone by name or offset and nothing else', () => {
    expect(['+05:30', '-0800', 'Asia/Kolkata', 'UTC'].map((name) => parseZone(name)?.name)).toEqual([
      '+05:30',
      '-0800',
      'Asia/Kolkata',
      'UTC',
    ]);
    expect(['', '+25:00', 'Mars/Olympus', '../etc'].map((name) => parseZone(name))).toEqual([undefined, undefined, undefined, undefined]);
  });
});
