import { badStamp, clockTime, inZone, wallTime, type Stamp } from './stamp.js';
import type { Zone } from './zone.js';

// RFC 3339 and what loggers make of it: a blank or `/` as separators, a comma before the fraction, an offset without colon.
const iso = /^(\d{4})([-/])(\d\d)\2(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|UTC|GMT|([+-])(\d\d):?(\d\d)?))?$/i;

/** An ISO 8601 time; without zone it takes the source's. */
export function isoTime(text: string, zone: Zone | undefined): Stamp {
  const part = text.length <= 48 ? iso.exec(text) : null;
  const wall = part
    ? wallTime(Number(part[1]), Number(part[3]), Number(part[4]), clockTime(Number(part[5]), Number(part[6]), Number(part[7])))
    : NaN;
  if (!part || Number.isNaN(wall)) return badStamp(text, 'such as "2026-01-15T10:05:03.250Z"');
  const local = part[8] ? wall + Math.floor(Number(`0.${part[8]}`) * 1000 + 1e-6) : wall;
  if (part[9] === undefined) return inZone(local, zone, text);
  if (part[10] === undefined) return local;
  const minutes = Number(part[11]) * 60 + Number(part[12] ?? 0);
  if (Number(part[11]) > 23 || Number(part[12] ?? 0) > 59) return badStamp(text, 'with an offset below 24 hours');
  return local - (part[10] === '-' ? -1 : 1) * minutes * 60_000;
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by size: each unit is taken between 1971 and 2286. */
export function epochTime(value: number): Stamp {
  const unit = value < 3e7 ? 0 : value < 1e10 ? 1000 : value < 1e13 ? 1 : value < 1e16 ? 1e-3 : value < 1e19 ? 1e-6 : 0;
  if (unit === 0 || !Number.isFinite(value)) return badStamp(String(value), 'in seconds or milliseconds since 1970');
  // Neither seconds with a fraction nor nanoseconds are exact as doubles.
  return Math.floor(value * unit + (unit === 1000 ? 1e-4 : unit < 1 ? 5e-4 : 0));
}

/** Any time that a JSON log may carry: a number, or text that is ISO 8601, an epoch or of the common log format. */
export function textOrEpoch(
  value: unknown,
  zone: Zone | undefined,
  clf: (text: string, at: number, zone: Zone | undefined) => Stamp,
): Stamp {
  if (typeof value === 'number') return epochTime(value);
  if (typeof value !== 'string') return badStamp(String(JSON.stringify(value)).slice(0, 80), 'as text or number');
  const text = value.trim();
  if (/^\d{8,19}(?:\.\d{1,9})?$/.test(text)) return epochTime(Number(text));
  if (text.charCodeAt(2) === 47 && text.charCodeAt(6) === 47) return clf(text, 0, zone);
  if (text.charCodeAt(0) === 91 && text.charCodeAt(3) === 47) return clf(text, 1, zone);
  return isoTime(text, zone);
}
