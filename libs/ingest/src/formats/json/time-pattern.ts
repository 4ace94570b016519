import { clockTime, inZone, badStamp, monthAt, wallTime, type Stamp } from '../../stamps/stamp.js';
import type { Zone } from '../../stamps/zone.js';

/** Reads a time that is written by a pattern. */
export type ReadTime = (text: string, zone: Zone | undefined) => Stamp;

const tokens: Readonly<Record<string, string>> = {
  yyyy: '(?<year>\\d{4})',
  MMM: '(?<name>[A-Za-z]{3})',
  MM: '(?<month>\\d{1,2})',
  dd: '(?<day>\\d{1,2})',
  HH: '(?<hour>\\d{1,2})',
  mm: '(?<minute>\\d{1,2})',
  ss: '(?<second>\\d{1,2})',
  SSS: '(?<fraction>\\d{1,9})',
  XXX: '(?<offset>Z|[+-]\\d\\d:?\\d\\d)',
};
const token = /yyyy|MMM|MM|dd|HH|mm|ss|SSS|XXX/g;

/** Compiles a pattern such as `dd.MM.yyyy HH:mm:ss`; `undefined` where day, month, year or hour is missing, or one stands twice. */
export function timePattern(pattern: string): ReadTime | undefined {
  const found: readonly string[] = pattern.match(token) ?? [];
  const needed = ['yyyy', 'dd', 'HH', 'mm'].every((each) => found.includes(each)) && (found.includes('MM') || found.includes('MMM'));
  const left = pattern.replace(token, '');
  if (!needed || new Set(found).size !== found.length || pattern.length > 64 || /[A-SU-Za-z]/.test(left)) return undefined;
  const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(token, (each) => tokens[each]!);
  const shape = new RegExp(`^${source}$`);
  return (text, zone) => {
    const part = text.length <= 64 ? shape.exec(text)?.groups : undefined;
    return part ? instant(part, zone, text) : badStamp(text, `as ${JSON.stringify(pattern)} says`);
  };
}

function instant(part: Readonly<Record<string, string | undefined>>, zone: Zone | undefined, text: string): Stamp {
  const month = part['name'] === undefined ? Number(part['month']) : monthAt(part['name'], 0);
  const clock = clockTime(Number(part['hour']), Number(part['minute']), Number(part['second'] ?? 0));
  const wall = wallTime(Number(part['year']), month, Number(part['day']), clock);
  if (Number.isNaN(wall)) return badStamp(text, 'that exists');
  const local = wall + Math.floor(Number(`0.${part['fraction'] ?? '0'}`) * 1000 + 1e-6);
  const { offset } = part;
  if (offset === undefined) return inZone(local, zone, text);
  if (offset === 'Z') return local;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return local - (offset.startsWith('-') ? -1 : 1) * minutes * 60_000;
}
