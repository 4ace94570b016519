import { failed, quoted, type Failure } from '../failure.js';
import type { Zone } from './zone.js';

/** An instant in milliseconds, or why there is none. Numbers are the common case and cost no object. */
export type Stamp = number | Failure;

export function noZone(text: string): Failure {
  return failed(
    'time_zone_unknown',
    `The time ${quoted(text)} has no zone and the source has no timeZone: expected an offset in the line, or a timeZone such as "Europe/Berlin" in the source's settings.`,
  );
}

export function badStamp(text: string, expected: string): Failure {
  return failed('timestamp', `Expected a time ${expected}, found ${quoted(text)}.`);
}

/** Calendar fields to milliseconds as if UTC; NaN when one is out of range. Second 60 is a leap second and counts as the next one's start. */
export function wallTime(year: number, month: number, day: number, clock: number): number {
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31 && year >= 1970 && year <= 9999) || day > daysIn(year, month)) return NaN;
  return Date.UTC(year, month - 1, day) + clock;
}

/** Milliseconds of the day; NaN when out of range. */
export function clockTime(hour: number, minute: number, second: number): number {
  if (!(hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 60)) return NaN;
  return ((hour * 60 + minute) * 60 + second) * 1000;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Two digits at a place; NaN if they are none. */
export function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** 1 for "Jan"; NaN for anything else. */
export function monthAt(text: string, at: number): number {
  const index = months.indexOf(text.slice(at, at + 3).toLowerCase());
  return index < 0 ? NaN : index + 1;
}

/** Local wall time to an instant by the zone that the text carries or else the source's. */
export function inZone(local: number, zone: Zone | undefined, text: string): Stamp {
  return zone ? zone.toUtc(local) : noZone(text);
}
