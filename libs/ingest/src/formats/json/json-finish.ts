import type { JsonValue } from '#ecs';
import type { Failure } from '../../failure.js';
import { failed, quoted } from '../../failure.js';
import { finishAccess } from '../../http/access-event.js';
import { canonicalIp, fillHost, fillSource, splitPort } from '../../http/address.js';
import { chainHeader, noteHeader, xForwardedFor } from '../../http/seen-headers.js';
import { decodedPath, fillRequest, fillTarget } from '../../http/request.js';
import type { LogEvent } from '../../log-event.js';
import {
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
  URL_DOMAIN,
  URL_ORIGINAL,
} from '../../slots.js';
import { ownId } from '../../source.js';
import { clfTime } from '../../stamps/clf-time.js';
import { epochTime, isoTime, textOrEpoch } from '../../stamps/iso-time.js';
import { badStamp, type Stamp } from '../../stamps/stamp.js';
import type { Scope } from '../format.js';
import { timePattern, type ReadTime } from './time-pattern.js';
import { keepExtra, wrongType } from './json-values.js';
import type { Walk } from './json-walk.js';
import type { JsonMapping } from './mapping.js';

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
  categorise(event);
  return undefined;
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
  const found = roles.get('@time');
  if (!found)
    return failed('timestamp', 'Expected a time in "@timestamp", "time" or another of the usual keys, found none; name it in the mapping.');
  if (typeof found.value === 'number' && found.path.endsWith('_ms')) return epochTime(found.value);
  return textOrEpoch(found.value, zone, clfTime);
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
  if (request !== undefined && values[URL_ORIGINAL] === undefined) {
    if (request.includes(' ')) fillRequest(event, request, 0, request.length);
    else fillTarget(event, request);
  }
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

function fillDuration(event: LogEvent, roles: Roles): void {
  const { values } = event;
  for (const [role, factor] of [
    ['@nanos', 1],
    ['@seconds', 1e9],
    ['@millis', 1e6],
  ] as const) {
    const value = roles.get(role)?.value;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && number >= 0 && number < 1e15) values[DURATION] ??= Math.round(number * factor);
  }
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
