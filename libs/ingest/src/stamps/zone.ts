import type { Millis } from '#time';

/** How local wall time becomes UTC. */
export interface Zone {
  readonly name: string;
  /** UTC minus nothing: the instant of a wall time, both in milliseconds as if the wall time were UTC. */
  toUtc(local: Millis): Millis;
}

/** Reads `±hh:mm`, `UTC`, `Z` or an IANA name; `undefined` for anything else. */
export function parseZone(name: string): Zone | undefined {
  if (name === 'Z' || name === 'UTC') return { name, toUtc: (local) => local };
  const fixed = /^([+-])(\d\d):?(\d\d)$/.exec(name);
  if (fixed) {
    const offset = (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000;
    return Number(fixed[2]) < 24 && Number(fixed[3]) < 60 ? { name, toUtc: (local) => local - offset } : undefined;
  }
  if (!/^[A-Za-z][\w+-]*(?:\/[\w+-]+)*$/.test(name)) return undefined;
  try {
    return ianaZone(name);
  } catch {
    // Intl throws a RangeError for a name it does not know: that is the answer.
    return undefined;
  }
}

const quarter = 15 * 60_000;
const maxCached = 4096;

/** Offsets change at most at quarter hours, so one answer serves a quarter of an hour of wall time. */
function ianaZone(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const offsets = new Map<number, Millis>();
  return {
    name,
    toUtc(local) {
      const key = Math.floor(local / quarter);
      let offset = offsets.get(key);
      if (offset === undefined) {
        offset = offsetOf(format, key * quarter);
        if (offsets.size >= maxCached) offsets.clear();
        offsets.set(key, offset);
      }
      return local - offset;
    },
  };
}

/** A wall time that happens twice is taken the first time (the larger offset); one that never happens, by the offset before the jump. */
function offsetOf(format: Intl.DateTimeFormat, local: Millis): Millis {
  const before = offsetAt(format, local - 86_400_000);
  const after = offsetAt(format, local + 86_400_000);
  if (before === after) return before;
  return offsetAt(format, local - before) === before ? before : offsetAt(format, local - after) === after ? after : before;
}

function offsetAt(format: Intl.DateTimeFormat, instant: Millis): Millis {
  const part = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of format.formatToParts(instant)) if (type in part) part[type as keyof typeof part] = Number(value);
  const wall = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
  return wall - instant;
}
