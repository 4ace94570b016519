import { flat } from '../bounded-cache.js';
import { badStamp, clockTime, inZone, monthAt, twoDigits, wallTime, type Stamp } from './stamp.js';
import type { Zone } from './zone.js';

// Neighbouring lines have the same second: a pure cache of one. 26 characters with offset.
let lastText = '\u0000';
let lastTime = 0;

/** The time of the common log format at a place: `17/May/2015:10:05:03 +0000`, with a fraction or without the zone if need be. */
export function clfTime(line: string, at: number, zone: Zone | undefined): Stamp {
  if (line.startsWith(lastText, at)) return lastTime;
  const wall = wallTime(yearAt(line, at + 7), monthAt(line, at + 3), twoDigits(line, at), clockAt(line, at + 12));
  const found = line.slice(at, at + 32);
  if (Number.isNaN(wall) || line.charCodeAt(at + 2) !== 47 || line.charCodeAt(at + 6) !== 47) return badStamp(found, shape);
  let end = at + 20;
  let fraction = 0;
  if (line.charCodeAt(end) === 46) {
    const digits = /^\.(\d{1,9})/.exec(line.slice(end, end + 10));
    if (!digits) return badStamp(found, shape);
    fraction = Math.floor(Number(`0${digits[0]}`) * 1000);
    end += digits[0].length;
  }
  if (line.charCodeAt(end) !== 32) return inZone(wall + fraction, zone, line.slice(at, end));
  const offset = offsetAt(line, end + 1);
  if (Number.isNaN(offset)) return badStamp(found, shape);
  const time = wall + fraction - offset;
  if (end === at + 20) {
    lastText = flat(line.slice(at, at + 26));
    lastTime = time;
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
