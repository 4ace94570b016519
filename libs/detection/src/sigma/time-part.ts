import type { FieldValue } from '#ecs';

/** Sigma's time modifiers: a number taken out of a date, in UTC ("not designed to handle timezone conversions"). */
export const timeParts = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const;
export type TimePart = (typeof timeParts)[number];

/** The part of a date given as ISO text or epoch milliseconds (seconds below 1e11); NaN where the value is no date. */
export function timePartOf(value: FieldValue, part: TimePart): number {
  const millis =
    typeof value === 'number' ? (Math.abs(value) < 1e11 ? value * 1000 : value) : typeof value === 'string' ? readDate(value) : NaN;
  const date = new Date(millis);
  if (Number.isNaN(date.getTime())) return NaN;
  switch (part) {
    case 'minute':
      return date.getUTCMinutes();
    case 'hour':
      return date.getUTCHours();
    case 'day':
      return date.getUTCDate();
    case 'week':
      return isoWeek(date);
    case 'month':
      return date.getUTCMonth() + 1;
    case 'year':
      return date.getUTCFullYear();
  }
}

function readDate(text: string): number {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?$/.exec(text);
  if (!match) return NaN;
  // The zone is ignored on purpose: the part is the one that is written.
  return Date.parse(`${match[1]}T${(match[2] ?? '00:00').slice(0, 12)}Z`);
}

function isoWeek(date: Date): number {
  const day = date.getUTCDay() || 7;
  const thursday = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 4 - day);
  const newYear = Date.UTC(new Date(thursday).getUTCFullYear(), 0, 1);
  return Math.floor((thursday - newYear) / 604_800_000) + 1;
}
