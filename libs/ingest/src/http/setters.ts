import type { FieldName } from '#ecs';
import { slot } from '#ecs';
import { redactUrl } from '../redact/redact.js';
import { CLIENT_IP, DURATION, METHOD, PATH, QUERY, STATUS, URL_ORIGINAL, VERSION } from '../slots.js';
import { clfTime } from '../stamps/clf-time.js';
import { epochTime, isoTime } from '../stamps/iso-time.js';
import { badStamp, type Stamp } from '../stamps/stamp.js';
import { canonicalIp, fillHost, fillSource, splitPort } from './address.js';
import { fillAgent, fillReferrer } from './access-line.js';
import type { Setter } from './log-format.js';
import { noteHeader, xForwardedFor } from './seen-headers.js';
import { unescapeQuotes } from './quoted-field.js';
import { fillRequest, fillTarget } from './request.js';

/** A value that a server writes for "none". */
export function isAbsent(text: string): boolean {
  return text === '' || text === '-';
}

/** Text as it is. */
export function textSetter(name: FieldName): Setter {
  const at = slot[name];
  return (event, text) => {
    if (!isAbsent(text)) event.values[at] = unescapeQuotes(text);
  };
}

/** A number times a factor; of a list (`0.001, 0.250`) the last, since the earlier ones are of upstreams that failed. */
export function numberSetter(name: FieldName, factor = 1): Setter {
  const at = slot[name];
  return (event, text) => {
    const last = text.slice(Math.max(text.lastIndexOf(','), text.lastIndexOf(': ')) + 1).trim();
    const value = Number(last);
    if (!isAbsent(last) && Number.isFinite(value) && value >= 0) event.values[at] = factor === 1 ? value : Math.round(value * factor);
  };
}

function stampSetter(read: (text: string, zone: Parameters<typeof isoTime>[1]) => Stamp): Setter {
  return (event, text, scope) => {
    const stamp = read(text, scope.zone);
    if (typeof stamp !== 'number') return stamp;
    event.stamp = stamp;
    return undefined;
  };
}

export const clfStamp = stampSetter((text, zone) => clfTime(text.charCodeAt(0) === 91 ? text.slice(1) : text, 0, zone));
export const isoStamp = stampSetter(isoTime);
export const epochStamp = stampSetter((text) =>
  /^\d{1,19}(\.\d+)?$/.test(text) ? epochTime(Number(text)) : badStamp(text, 'in seconds since 1970'),
);

export const source: Setter = (event, text) => fillSource(event, text);
export const host: Setter = (event, text) => fillHost(event, text);
export const request: Setter = (event, text) => fillRequest(event, text, 0, text.length);
export const referrer: Setter = (event, text) => fillReferrer(event, text);
export const agent: Setter = (event, text) => fillAgent(event, text);
export const duration = numberSetter('event.duration', 1e9);

/** A request header that may tell who called. */
export function headerSetter(name: string): Setter {
  return (event, text) => noteHeader(event, name, unescapeQuotes(text));
}

export const forwardedFor: Setter = (event, text) => {
  noteHeader(event, xForwardedFor, text);
  const client = canonicalIp(splitPort(text.split(',', 1)[0]!.trim()).host);
  if (client !== undefined) event.values[CLIENT_IP] = client;
};

export const realIp: Setter = (event, text) => {
  noteHeader(event, 'x-real-ip', text);
  const client = canonicalIp(text.trim());
  if (client !== undefined) event.values[CLIENT_IP] = client;
};

export const method: Setter = (event, text) => {
  if (/^[A-Za-z][\w-]{0,31}$/.test(text)) event.values[METHOD] = text;
};

/** The target with its query. */
export const target: Setter = (event, text) => {
  if (!isAbsent(text)) fillTarget(event, text);
};

/** The path alone, already decoded by the server; `$request` or `$request_uri` in the same line tells more and wins. */
export const path: Setter = ({ values }, text) => {
  if (isAbsent(text)) return;
  values[PATH] ??= text;
  const known = values[QUERY];
  values[URL_ORIGINAL] ??= typeof known === 'string' ? `${text}?${known}` : text;
};

export const query: Setter = (event, text) => {
  const { values } = event;
  const plain = text.charCodeAt(0) === 63 ? text.slice(1) : text;
  if (isAbsent(plain) || values[QUERY] !== undefined) return;
  const original = redactUrl(`?${plain}`, event.profile?.redaction);
  values[QUERY] = original.slice(1);
  if (original.slice(1) !== plain) event.target ??= `?${plain}`;
  const known = values[PATH];
  if (typeof known === 'string' && values[URL_ORIGINAL] === known) values[URL_ORIGINAL] = known + original;
};

export const protocol: Setter = (event, text) => {
  if (text.startsWith('HTTP/')) event.values[VERSION] = text.slice(5);
};

export const status: Setter = (event, text) => {
  if (/^\d{3}$/.test(text)) event.values[STATUS] = Number(text);
};

/** Microseconds or milliseconds or seconds to nanoseconds. */
export function durationIn(nanos: number): Setter {
  return (event, text) => {
    const value = Number(text.replace('**', '').split('/').at(-1));
    if (!isAbsent(text) && Number.isFinite(value) && value >= 0) event.values[DURATION] = Math.round(value * nanos);
  };
}
