/** Names under which logs keep the time of an event, best first. */
export const timeFields: readonly string[] = [
  '@timestamp',
  'timestamp',
  'time',
  'eventTime',
  'EventTime',
  'event_time',
  'ts',
  'published',
  'date',
  'Event.System.TimeCreated.#attributes.SystemTime',
  'Event.System.TimeCreated.@SystemTime',
  'winlog.event_data.UtcTime',
  'Event.EventData.UtcTime',
  'UtcTime',
];

/** Milliseconds since the epoch: ISO 8601 text (without zone: UTC), or a number or text of epoch seconds, milliseconds, micro- or nanoseconds. */
export function readTime(value: unknown): number {
  if (typeof value === 'number') return epoch(value);
  if (typeof value !== 'string') return NaN;
  const plain = readPlain(value);
  if (!Number.isNaN(plain)) return plain;
  if (/^\d{9,19}(?:\.\d+)?$/.test(value)) return epoch(Number(value));
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d\d:?\d\d|[+-]\d\d| ?UTC)?$/i.exec(value);
  if (!match) return NaN;
  const [, date, time, fraction = '', zone = 'Z'] = match;
  const offset = /^[+-]/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}` : 'Z';
  return Date.parse(`${date}T${time!.length === 5 ? `${time!}:00` : time!}.${`${fraction}000`.slice(0, 3)}${offset}`);
}

/** The magnitude tells the unit: seconds reach 1e11 in the year 5138. */
function epoch(value: number): number {
  const size = Math.abs(value);
  if (size < 1e11) return Math.round(value * 1000);
  if (size < 1e14) return Math.round(value);
  return Math.floor(size < 1e17 ? value / 1e3 : value / 1e6);
}

/** `2026-01-15T00:00:00.000Z`, which is how most write it, without a regular expression. */
function readPlain(text: string): number {
  if (text.length !== 24 || text.charCodeAt(23) !== 90 || text.charCodeAt(10) !== 84 || text.charCodeAt(19) !== 46) return NaN;
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45 || text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return NaN;
  const year = two(text, 0) * 100 + two(text, 2);
  const month = two(text, 5);
  const day = two(text, 8);
  const time = two(text, 11) * 3_600_000 + two(text, 14) * 60_000 + two(text, 17) * 1000 + (text.charCodeAt(20) - 48) * 100 + two(text, 21);
  // Anything at the edge is left to Date.parse: 24:00, a leap day, a digit that is none.
  if (!(
    year >= 1970 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= 28 &&
    two(text, 11) < 24 &&
    two(text, 14) < 60 &&
    two(text, 17) < 60
  ))
    return NaN;
  if (!(two(text, 20) >= 0)) return NaN;
  return daysTo(year, month, day) * 86_400_000 + time;
}

function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

/** Days since the epoch by the civil calendar, counting years from March. */
function daysTo(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const ofEra = y - era * 400;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
}
