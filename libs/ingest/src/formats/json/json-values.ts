import { fields, put, type FieldValue, type JsonObject, type JsonValue } from '#ecs';
import { failed, quoted, type Failure } from '../../failure.js';
import { canonicalIp } from '../../http/address.js';
import type { LogEvent } from '../../log-event.js';
import { isSecret, redacted, redactText, redactUrl } from '../../redact/redact.js';
import type { Redaction } from '../../redact/redaction.js';
import { MESSAGE, QUERY, REFERRER, STATUS, UPSTREAM_STATUS, UPSTREAM_TIME, URL_ORIGINAL, VERSION } from '../../slots.js';
import { maxDepth } from './mapping.js';

/** A value as its field wants it; `undefined` where there is none; `unfit` where it cannot be. */
export const unfit = Symbol('unfit');

/** Turns a JSON value into that of a slot. */
export function slotValue(slot: number, value: JsonValue): FieldValue | typeof unfit {
  if (value === null || value === '' || value === '-') return undefined;
  switch (fields[slot]?.type) {
    case 'long':
    case 'double':
      return numberValue(slot, value);
    case 'ip':
      return typeof value === 'string' ? (canonicalIp(value) ?? unfit) : unfit;
    case 'boolean':
      return value === true || value === 'true' ? true : value === false || value === 'false' ? false : unfit;
    case 'geo_point':
      return geoPoint(value);
    case 'keyword':
      return keyword(slot, value);
    default:
      return Array.isArray(value)
        ? value.map(plainText)
        : typeof value === 'object'
          ? unfit
          : typeof value === 'string'
            ? redactText(value)
            : value;
  }
}

function numberValue(slot: number, value: JsonValue): FieldValue | typeof unfit {
  // nginx lists every upstream that it tried (`502, 200`): the last one answered.
  if ((slot === UPSTREAM_STATUS || slot === UPSTREAM_TIME) && typeof value === 'string' && /[,:] /.test(value))
    return numberValue(slot, value.slice(Math.max(value.lastIndexOf(', '), value.lastIndexOf(': ')) + 2));
  const number = typeof value === 'string' && value.length < 32 && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return unfit;
  if (slot === STATUS) return Number.isInteger(number) && number >= 0 && number <= 999 ? number : unfit;
  return fields[slot]?.type === 'double' ? number : Number.isSafeInteger(number) ? number : Math.round(number);
}

function geoPoint(value: JsonValue): FieldValue | typeof unfit {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return unfit;
  const { lat, lon } = value;
  return typeof lat === 'number' && typeof lon === 'number' && Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : unfit;
}

function keyword(slot: number, value: JsonValue): FieldValue | typeof unfit {
  if (Array.isArray(value)) return value.length === 1 && !fields[slot]!.array ? plainText(value[0]!) : value.map(plainText);
  if (typeof value === 'object') return unfit;
  const text = plainText(value);
  if (slot === URL_ORIGINAL || slot === REFERRER) return redactUrl(text);
  if (slot === QUERY) return redactUrl(`?${text}`).slice(1);
  if (slot === MESSAGE) return redactText(text);
  // `protocol` may as well be "https" or "tcp".
  if (slot === VERSION) return text.startsWith('HTTP/') ? text.slice(5) : /\d/.test(text) ? text : unfit;
  return fields[slot]!.array ? [text] : text;
}

function plainText(value: JsonValue): string {
  return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The dead letter of a field that ECS or a mapping names and whose value it cannot hold. */
export function wrongType(path: string, slot: number, value: JsonValue): Failure {
  const type = fields[slot]?.type ?? 'keyword';
  return failed('field_type', `Field ${quoted(path)}: expected ${expectations[type] ?? type}, found ${quoted(value)}.`);
}
const expectations: Readonly<Record<string, string>> = {
  long: 'a whole number',
  double: 'a number',
  ip: 'an IPv4 or IPv6 address',
  boolean: 'true or false',
  geo_point: 'an object with lat and lon',
  keyword: 'text',
};

/** Keeps a value for which there is no slot, secrets hidden and prototype keys renamed. */
export function keepExtra(event: LogEvent, path: string, value: JsonValue): void {
  const name = path.slice(path.lastIndexOf('.') + 1);
  event.extra ??= {};
  put(event.extra, path, cleaned(name, value, 0, event.profile?.redaction));
}

/** A copy with the values under secret names hidden, and prototype keys renamed. */
export function cleaned(name: string, value: JsonValue, depth: number, own?: Redaction): JsonValue {
  if (typeof value === 'string') return isSecret(name, value, own) ? redacted : redactText(value, own);
  if (typeof value !== 'object' || value === null)
    return typeof value === 'number' && isSecret(name, String(value), own) ? redacted : value;
  if (depth > maxDepth) return '…';
  if (Array.isArray(value)) return value.map((part) => cleaned(name, part, depth + 1, own));
  const copy: JsonObject = {};
  for (const [key, part] of Object.entries(value)) copy[key === '__proto__' ? '_proto_' : key] = cleaned(key, part, depth + 1, own);
  return copy;
}
