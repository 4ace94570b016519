import { fields, put, type FieldIndex, type JsonValue } from '#ecs';
import { canonicalIp, fillHost, fillSource, firstOfList, splitPort } from '../../../http/address.js';
import { fillReferrer } from '../../../http/access-line.js';
import { chainHeader, noteHeader, xForwardedFor } from '../../../http/seen-headers.js';
import { nanosOf } from '../../../http/duration.js';
import { decodedPath, fillRequest, fillTarget } from '../../../http/request.js';
import type { LogEvent } from '../../../log-event.js';
import { redactText, redactUrl } from '../../../redact/redact.js';
import { ADDRESS, CLIENT_IP, DURATION, IP, METHOD, PATH, QUERY, URL_ORIGINAL, VERSION } from '../../../slots.js';
import { cleaned, slotValue, unfit } from '../json-values.js';
import { isObject, wordOf } from './value-path.js';

/** Puts one value of a record into an event. What a field cannot hold is left out: a vendor's odd value must not cost the record. */
export type Fill = (event: LogEvent, value: JsonValue) => void;

/** How a target is filled: an ECS field, or one of the roles that a record map may name. */
export function fillerOf(target: string, index: FieldIndex): Fill {
  const special = Object.hasOwn(specials, target) ? specials[target] : undefined;
  if (special) return special;
  const slot = index.find(target);
  if (slot === undefined) return extraFiller(target);
  const isLong = fields[slot]?.type === 'long';
  const isProse = /(?:reason|message|description)$/.test(target);
  return (event, value) => {
    const fit = slotValue(slot, isProse && typeof value === 'string' ? redactText(value) : value);
    if (fit !== unfit && !(isLong && typeof fit === 'number' && fit < 0)) event.values[slot] = fit;
  };
}

/** A field without a slot. What stands at a place was chosen by the map's author, so its name makes no secret of it (`error.code`). */
function extraFiller(target: string): Fill {
  // ECS has text there, and roles as a list, whatever the vendor writes.
  const asText = /(?:^|\.)(?:id|code|name|full_name|email|domain|roles)$/.test(target) && !target.startsWith('gatewatch.');
  if (target.endsWith('.roles'))
    return (event, value) => {
      const words = (Array.isArray(value) ? value.slice(0, 64) : [value]).flatMap((each) => wordOf(each) ?? []);
      if (words.length > 0) put((event.extra ??= {}), target, words);
    };
  if (asText)
    return (event, value) => {
      const word = wordOf(Array.isArray(value) ? value[0] : value);
      if (word !== undefined) put((event.extra ??= {}), target, redactText(word));
    };
  return (event, value) => {
    put((event.extra ??= {}), target, typeof value === 'string' ? redactText(value) : isObject(value) ? cleaned('', value, 0) : value);
  };
}

/** Whether a map may name this target although it is no field. */
export function isRole(target: string): boolean {
  return target.startsWith('@') && Object.hasOwn(specials, target);
}

const maxText = 65_536;

const text = (fill: (event: LogEvent, value: string) => void): Fill => {
  return (event, value) => {
    const word = wordOf(Array.isArray(value) ? value[0] : value);
    if (word !== undefined && word !== '' && word !== '-') fill(event, word.length > maxText ? word.slice(0, maxText) : word);
  };
};

const duration = (nanos: number): Fill => {
  return (event, value) => {
    const word = wordOf(value);
    if (word === undefined || word === '') return;
    const number = Number(word) * nanos;
    // A unit that the text names wins over the one that its key usually has.
    const span = Number.isNaN(number) ? nanosOf(word) : Math.round(number);
    if (span !== undefined && span >= 0 && span < 1e17) event.values[DURATION] = span;
  };
};

const specials: Readonly<Record<string, Fill>> = {
  'source.ip': text((event, value) => fillAddress(event, value)),
  'source.address': text((event, value) => fillAddress(event, value)),
  'client.ip': text(({ values }, value) => {
    values[CLIENT_IP] = canonicalIp(splitPort(value.split(',', 1)[0]!.trim()).host) ?? values[CLIENT_IP];
  }),
  '@forwarded': text((event, value) => {
    const { values } = event;
    noteHeader(event, xForwardedFor, value);
    values[CLIENT_IP] ??= canonicalIp(splitPort(value.slice(0, 1024).split(',', 1)[0]!.trim()).host);
  }),
  '@host': text((event, value) => fillHost(event, value)),
  '@request': text((event, value) => fillRequest(event, value, 0, value.length)),
  'url.original': text((event, value) => fillTarget(event, value)),
  'url.path': text(({ values }, value) => {
    values[PATH] = value.includes('%') ? decodedPath(value) : value;
    values[URL_ORIGINAL] ??= redactUrl(value);
  }),
  'url.query': text(({ values }, value) => {
    const plain = redactUrl(value.startsWith('?') ? value : `?${value}`).slice(1);
    if (plain === '') return;
    values[QUERY] = plain;
    const whole = values[URL_ORIGINAL];
    if (typeof whole === 'string' && !whole.includes('?')) values[URL_ORIGINAL] = `${whole}?${plain}`;
  }),
  'http.request.method': text(({ values }, value) => {
    if (/^[A-Za-z][\w-]{0,31}$/.test(value)) values[METHOD] = value.toUpperCase();
  }),
  'http.request.referrer': text((event, value) => fillReferrer(event, value)),
  'http.version': text(({ values }, value) => {
    const version = /^(?:HTTP\/)?(\d(?:\.\d)?)(?:\.0\.0)?$/i.exec(value)?.[1] ?? /^h(\d)c?$/i.exec(value)?.[1];
    if (version !== undefined) values[VERSION] = version.length === 1 && version < '2' ? `${version}.0` : version;
  }),
  'event.duration': duration(1),
  '@micros': duration(1e3),
  '@millis': duration(1e6),
  '@seconds': duration(1e9),
};

/** Some write `address:port`, some the whole list of proxies: there its first public address. */
function fillAddress(event: LogEvent, value: string): void {
  const { values } = event;
  const one = value.includes(',') ? firstOfList(value) : withoutPort(value.trim());
  if (value.includes(',')) noteHeader(event, chainHeader, value);
  if (one === undefined || one.length > 1024) return;
  fillSource(event, one);
  if (values[ADDRESS] !== undefined && values[IP] !== undefined) values[ADDRESS] = values[IP];
}

// What RFC 5952 knows of IPv6 addresses with a port and without brackets: `#80`, `p80`, `.80`, ` port 80`; and a ninth group.
const oddPort = /^([0-9a-f:]{2,45})(?:[#p.:]| port )\d{1,5}$/i;

function withoutPort(value: string): string {
  if (value.length > 64 || canonicalIp(value) !== undefined) return value;
  // Microsoft writes brackets around IPv4 too, with and without a port.
  const bracketed = /^\[([^\]]{2,45})\](?::\d{1,5})?$/.exec(value)?.[1];
  if (bracketed !== undefined) return bracketed;
  const host = oddPort.exec(value)?.[1];
  return host !== undefined && canonicalIp(host) !== undefined ? host : value.replace(/#\d{1,5}$/, '');
}
