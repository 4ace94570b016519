import { flat } from '../bounded-cache.js';
import { badStamp, clockTime, inZone, monthAt, twoDigits, wallTime, type Stamp } from './stamp.js';
import type { Zone } from './zone.js';

// Neighbouring lines have the same minute: a pure cache of one. 18 characters up to the seconds, and blank and offset after them.
let lastMinute = '01/Jan/1970:00:00:';
let lastOffset = ' +0000';
let lastTime = 0;

/** The time of the common log format at a place: `17/May/2015:10:05:03 +0000`, with a fraction or without the zone if need be. */
export function clfTime(line: string, at: number, zone: Zone | undefined): Stamp {
  if (line.startsWith(lastMinute, at) && line.startsWith(lastOffset, at + 20)) {
    const second = twoDigits(line, at + 18);
    if (second <= 60) return lastTime + second * 1000;
  }
  const wall = wallTime(yearAt(line, at + 7), monthAt(line, at + 3), twoDigits(line, at), clockAt(line, at + 12));
  if (Number.isNaN(wall) || line.charCodeAt(at + 2) !== 47 || line.charCodeAt(at + 6) !== 47)
    return badStamp(line.slice(at, at + 32), shape);
  let end = at + 20;
  let fraction = 0;
  if (line.charCodeAt(end) === 46) {
    const digits = /^\.(\d{1,9})/.exec(line.slice(end, end + 10));
    if (!digits) return badStamp(line.slice(at, at + 32), shape);
    fraction = Math.floor(Number(`0${digits[0]}`) * 1000);
    end += digits[0].length;
  }
  if (line.charCodeAt(end) !== 32) return inZone(wall + fraction, zone, line.slice(at, end));
  const offset = offsetAt(line, end + 1);
  if (Number.isNaN(offset)) return badStamp(line.slice(at, at + 32), shape);
  const time = wall + fraction - offset;
  if (end === at + 20) {
    lastMinute = flat(line.slice(at, at + 18));
    lastOffset = flat(line.slice(end, end + 6));
    lastTime = time - twoDigits(line, at + 18) * 1000;
  }
  return time;
}

const shape = 'such as "17/May/2015:10:05:03 +0000"';

function yearAt(line: string, at: number): number {
  return twoDigits(line, at) * 100 + twoDigits(line, at + 2);
}

function clockAt(line: string, at: number): number {
  if (line.charCodeAt(at - 1) !== 58 || line.charCodeAt(at + 2) !== 58 || line.charCodeAt(at + 5) !== 58) return NaN;
  return clockTime(twoDigits(line, at), twoDigits(line, at + 3), twoDigits(line, at + 6));
}

/** `+hhmm` in milliseconds. */
function offsetAt(line: string, at: number): number {
  const sign = line.charCodeAt(at);
  const hours = twoDigits(line, at + 1);
  const minutes = twoDigits(line, at + 3);
  if ((sign !== 43 && sign !== 45) || !(hours < 24 && minutes < 60)) return NaN;
  return (sign === 45 ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
