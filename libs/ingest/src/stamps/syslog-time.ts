import { badStamp, clockTime, monthAt, noZone, twoDigits, wallTime, type Stamp } from './stamp.js';
import type { Zone } from './zone.js';

const day = 86_400_000;

/**
 * The time of RFC 3164, `Mar  7 13:06:56`, which has no year: the latest year is taken that does not put it more than a day after the arrival.
 * So a line of 31 December read on 1 January is last year's, and a file older than a year is read as if younger.
 */
export function syslogTime(line: string, at: number, { zone, arrival }: { zone: Zone | undefined; arrival: number }): Stamp {
  const text = line.slice(at, at + 15);
  const month = monthAt(line, at);
  const date = line.charCodeAt(at + 4) === 32 ? line.charCodeAt(at + 5) - 48 : twoDigits(line, at + 4);
  const clock = clockTime(twoDigits(line, at + 7), twoDigits(line, at + 10), twoDigits(line, at + 13));
  if (Number.isNaN(month + date + clock)) return badStamp(text, 'such as "Mar  7 13:06:56"');
  if (!zone) return noZone(text);
  const latest = new Date(arrival + day).getUTCFullYear() + 1;
  // 29 February may be up to eight years back (1904, 2096 to 2104).
  for (let year = latest; year > latest - 10; year--) {
    const wall = wallTime(year, month, date, clock);
    if (Number.isNaN(wall)) continue;
    const time = zone.toUtc(wall);
    if (time <= arrival + day) return time;
  }
  return badStamp(text, 'on a day that exists');
}
