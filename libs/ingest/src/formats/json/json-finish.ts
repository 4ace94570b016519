import { slot, type JsonValue } from '#ecs';
import type { Failure } from '../../failure.js';
import { failed, quoted } from '../../failure.js';
import { finishAccess } from '../../http/access-event.js';
import { canonicalIp, fillHost, fillSource, splitPort } from '../../http/address.js';
import { chainHeader, noteHeader, xForwardedFor } from '../../http/seen-headers.js';
import { nanosOf } from '../../http/duration.js';
import { decodedPath, fillRequest, fillTarget } from '../../http/request.js';
import { loginResult } from '../../http/login-route.js';
import type { LogEvent } from '../../log-event.js';
import {
  ACTION,
  ADDRESS,
  CATEGORY,
  CLIENT_IP,
  DATASET,
  DURATION,
  HOST,
  IP,
  METHOD,
  OUTCOME,
  PATH,
  QUERY,
  STATUS,
  TYPE,
  URL_DOMAIN,
  URL_ORIGINAL,
  USER,
} from '../../slots.js';
import { ownId } from '../../source.js';
import { clfTime } from '../../stamps/clf-time.js';
import { epochTime, isoTime, textOrEpoch } from '../../stamps/iso-time.js';
import { badStamp, type Stamp } from '../../stamps/stamp.js';
import type { Scope } from '../format.js';
import { timePattern, type ReadTime } from './time-pattern.js';
import { keepExtra, wrongType } from './json-values.js';
import type { Role, Walk } from './json-walk.js';
import type { JsonMapping } from './mapping.js';
import { fillFromWord } from './vocabulary.js';

const CODE = slot['event.code'];

/** Reads what could not be read key by key: time, address, request, durations, the sender's id. */
export function finishJson(event: LogEvent, { roles }: Walk, scope: Scope, mapping: JsonMapping | undefined): Failure | undefined {
  const stamp = readStamp(roles, scope, mapping);
  if (typeof stamp !== 'number') return stamp;
  event.stamp = stamp;
  const strict = roles.get('@source.ip');
  if (strict) {
    const ip = typeof strict.value === 'string' ? canonicalIp(strict.value) : undefined;
    if (ip === undefined && strict.value !== '') return wrongType(strict.path, IP, strict.value);
    event.values[IP] = ip;
    event.values[ADDRESS] ??= ip;
  }
  fillAddresses(event, roles);
  fillUrl(event, roles);
  fillDuration(event, roles);
  const id = roles.get('@id')?.value;
  if ((typeof id === 'string' && id !== '') || typeof id === 'number') event.own = ownId(event.source, String(id));
  const line = roles.get('@line');
  if (line && typeof line.value === 'string' && line.path === 'log') keepExtra(event, 'message', line.value);
  fillAction(event, text(roles.get('@event')?.value));
  categorise(event);
  return undefined;
}

/** What the application calls the event; a login that request and answer tell is one, whatever the handler was called. */
function fillAction(event: LogEvent, named: string | undefined): void {
  const { values } = event;
  if (named !== undefined && named.length <= 1100) values[ACTION] ??= named;
  const word = values[ACTION];
  if (typeof word !== 'string') return;
  const before = values[CATEGORY];
  fillFromWord(event, word, event.record ?? {});
  const isRequest = values[METHOD] !== undefined || values[STATUS] !== undefined;
  if (isRequest && before === undefined && Array.isArray(values[CATEGORY])) {
    values[CATEGORY] = [...new Set(['web', ...(values[CATEGORY] as readonly string[])])];
    values[TYPE] = [...new Set(['access', ...((values[TYPE] ?? []) as readonly string[])])];
  }
  const path = values[PATH];
  if (values[ACTION] !== word || values[CATEGORY] !== undefined || typeof path !== 'string') return;
  if (loginResult(values[METHOD], path, values[STATUS], values[USER]) === undefined) return;
  values[CODE] ??= word;
  values[ACTION] = undefined;
}

type Roles = Walk['roles'];

/** Milliseconds in one. */
const epochUnits = { epoch_s: 1000, epoch_ms: 1, epoch_us: 1e-3, epoch_ns: 1e-6 } as const;

/** Patterns of mappings, compiled once; there are as many as the configuration names. */
const patterns = new Map<string, ReadTime>();

function patternOf(text: string): ReadTime {
  let read = patterns.get(text);
  if (!read) {
    read = timePattern(text) ?? ((value) => badStamp(value, `as ${JSON.stringify(text)} says`));
    patterns.set(text, read);
  }
  return read;
}

function readStamp(roles: Roles, { zone }: Scope, mapping: JsonMapping | undefined): Stamp {
  const mapped = roles.get('@stamp');
  if (mapping?.timestamp) {
    const { field, format } = mapping.timestamp;
    if (!mapped) return failed('timestamp', `Expected the time in field ${quoted(field)} (mapping.timestamp), found no such field.`);
    const { value } = mapped;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    const unit = Object.hasOwn(epochUnits, format) ? epochUnits[format as keyof typeof epochUnits] : undefined;
    if (unit !== undefined || format === 'epoch') {
      if (typeof number !== 'number' || !Number.isFinite(number)) return badStamp(JSON.stringify(value), 'as a number');
      if (unit === undefined) return epochTime(number);
      const millis = Math.floor(unit === 1000 ? number * 1000 + 1e-4 : number * unit);
      return Math.abs(millis) > 8.64e15 ? badStamp(JSON.stringify(value), 'as a number') : millis;
    }
    if (typeof value !== 'string') return badStamp(JSON.stringify(value), 'as text');
    if (format === 'iso') return isoTime(value, zone);
    if (format === 'clf') return clfTime(value.replace(/^\[/, ''), 0, zone);
    return patternOf(format)(value, zone);
  }
  const found = timeRole(roles);
  if (!found)
    return failed('timestamp', 'Expected a time in "@timestamp", "time" or another of the usual keys, found none; name it in the mapping.');
  if (typeof found.value === 'number' && found.path.endsWith('_ms')) return epochTime(found.value);
  return textOrEpoch(found.value, zone, clfTime);
}

/** The time of a document that wraps another line, if it tells one. */
export function wrapperTime({ roles }: Walk, { zone }: Scope): number | undefined {
  const time = roles.get('@time');
  const stamp = time && textOrEpoch(time.value, zone, clfTime);
  return typeof stamp === 'number' ? stamp : undefined;
}

/** The time, which API Gateway's `$context.requestTime` may be, called as nginx calls the seconds that a request took. */
function timeRole(roles: Roles): Role | undefined {
  const time = roles.get('@time');
  if (time) return time;
  const role = roles.get('@seconds');
  return typeof role?.value === 'string' && role.value.includes(':') ? role : undefined;
}

function fillAddresses(event: LogEvent, roles: Roles): void {
  const { values } = event;
  const address = text(roles.get('@address')?.value);
  // Some gateways log the whole X-Forwarded-For as client: its first entry.
  if (address !== undefined && values[IP] === undefined && address.length <= 1024) fillSource(event, address.split(',', 1)[0]!.trim());
  if (address?.includes(',') === true) noteHeader(event, chainHeader, address);
  const forwarded = text(roles.get('@forwarded')?.value);
  if (forwarded !== undefined) noteHeader(event, xForwardedFor, forwarded);
  if (forwarded !== undefined) values[CLIENT_IP] ??= canonicalIp(splitPort(forwarded.split(',', 1)[0]!.trim()).host);
  const host = roles.get('@host');
  const name = text(host?.value);
  if (host === undefined || name === undefined) return;
  if (host.path.toLowerCase() === 'hostname') values[HOST] ??= name;
  else if (values[URL_DOMAIN] === undefined) fillHost(event, name);
}

function fillUrl(event: LogEvent, roles: Roles): void {
  const { values } = event;
  const request = text(roles.get('@request')?.value);
  const query = values[QUERY];
  if (request !== undefined && values[URL_ORIGINAL] === undefined) fillRequestText(event, request);
  const target = text(roles.get('@target')?.value);
  if (target !== undefined && values[PATH] === undefined && values[URL_ORIGINAL] === undefined) fillTarget(event, target);
  const original = values[URL_ORIGINAL];
  const path = values[PATH];
  if (typeof original === 'string' && path === undefined) fillTarget(event, original);
  else if (typeof path === 'string' && original === undefined) {
    values[PATH] = path.includes('%') ? decodedPath(path) : path;
    values[URL_ORIGINAL] = path;
  }
  if (typeof query === 'string' && query !== '') {
    const plain = query.startsWith('?') ? query.slice(1) : query;
    values[QUERY] = plain;
    const whole = values[URL_ORIGINAL];
    if (typeof whole === 'string' && !whole.includes('?')) values[URL_ORIGINAL] = `${whole}?${plain}`;
  }
}

/** A request line, or what some call a request: its method alone (Fastly), or its target. */
function fillRequestText(event: LogEvent, request: string): void {
  if (request.includes(' ')) fillRequest(event, request, 0, request.length);
  else if (/^[A-Z]{3,16}$/.test(request)) event.values[METHOD] ??= request;
  else fillTarget(event, request);
}

function fillDuration(event: LogEvent, roles: Roles): void {
  const { values } = event;
  const took = roles.get('@took');
  if (took) fillTook(event, took.value, took.path);
  for (const [role, factor] of [
    ['@nanos', 1],
    ['@seconds', 1e9],
    ['@millis', 1e6],
  ] as const) {
    const found = roles.get(role);
    if (!found || values[DURATION] !== undefined) continue;
    const span = spanOf(found.value, role === '@millis' && inSeconds(event, found.path, found.value) ? 1e9 : factor);
    if (span !== undefined) values[DURATION] = span;
  }
}

/** Nanoseconds of a number in its key's unit, or of text that names its own. */
function spanOf(value: JsonValue, factor: number): number | undefined {
  if (typeof value === 'string' && !/^[\d.]+$/.test(value)) return nanosOf(value);
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && number >= 0 && number < 1e15 ? Math.round(number * factor) : undefined;
}

/** `duration` and its like: text names its unit, a number does not; lograge's is in milliseconds, and what else it is nobody knows. */
function fillTook(event: LogEvent, value: JsonValue, path: string): void {
  const rails = typeof event.record?.['controller'] === 'string' && 'format' in event.record;
  const span = typeof value === 'string' && nanosOf(value) !== undefined ? nanosOf(value) : rails ? spanOf(value, 1e6) : undefined;
  if (span === undefined) keepExtra(event, path, value);
  else event.values[DURATION] = span;
}

/** zap's production encoder (`ts` as a fraction, `caller`) writes spans in seconds; W3C's times are in milliseconds where they are whole. */
function inSeconds({ record }: LogEvent, path: string, value: JsonValue): boolean {
  if (/^time[-_]?taken$/i.test(path)) return !Number.isInteger(Number(value));
  return path === 'latency' && typeof record?.['ts'] === 'number' && typeof record['caller'] === 'string';
}

function categorise(event: LogEvent): void {
  const { values } = event;
  const isAccess = values[METHOD] !== undefined || values[URL_ORIGINAL] !== undefined || values[STATUS] !== undefined;
  values[DATASET] ??= isAccess ? 'json.access' : 'json.event';
  if (isAccess && (values[CATEGORY] === undefined || isWeb(values[CATEGORY]))) finishAccess(event);
  else values[OUTCOME] ??= 'unknown';
}

function isWeb(category: unknown): boolean {
  return Array.isArray(category) ? category.includes('web') : category === 'web';
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' && value !== '-' ? value : undefined;
}
