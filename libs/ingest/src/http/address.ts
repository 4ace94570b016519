import { isIPv6 } from 'node:net';
import type { LogEvent } from '../log-event.js';
import { BoundedCache } from '../bounded-cache.js';
import { ADDRESS, DEST_DOMAIN, DEST_IP, DEST_PORT, DOMAIN, IP, PORT, URL_DOMAIN, URL_PORT } from '../slots.js';

/** Whether text is a dotted IPv4 address without leading zeros. */
export function isV4(text: string): boolean {
  const length = text.length;
  if (length < 7 || length > 15) return false;
  let dots = 0;
  let value = -1;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) {
      if (value < 0) return false;
      dots++;
      value = -1;
    } else {
      const digit = code - 48;
      if (digit < 0 || digit > 9 || value === 0) return false;
      value = value < 0 ? digit : value * 10 + digit;
      if (value > 255) return false;
    }
  }
  return dots === 3 && value >= 0;
}

const canonical = new BoundedCache<string>(4096);

/**
 * The one spelling of an address that rules count by, or `undefined` if it is none: IPv6 as RFC 5952 writes it, without zone; an IPv4 address
 * mapped into IPv6 as IPv4.
 */
export function canonicalIp(text: string): string | undefined {
  if (isV4(text)) return text;
  if (text.length > 64 || !text.includes(':')) return undefined;
  const known = canonical.get(text);
  if (known !== undefined) return known || undefined;
  const made = canonicalV6(text);
  canonical.set(text, made ?? '');
  return made;
}

function canonicalV6(text: string): string | undefined {
  let address = text.charCodeAt(0) === 91 && text.endsWith(']') ? text.slice(1, -1) : text;
  const zone = address.indexOf('%');
  if (zone > 0) address = address.slice(0, zone);
  if (!isIPv6(address)) return undefined;
  // The URL standard's host serialiser writes IPv6 by RFC 5952.
  const host = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(host);
  if (!mapped) return host;
  const high = parseInt(mapped[1]!, 16);
  const low = parseInt(mapped[2]!, 16);
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** Fills `source.*` with an address, `address:port` or a host name. `-` and `unix:` say nothing of who called. */
export function fillSource(event: LogEvent, text: string): void {
  const { values } = event;
  if (text === '' || text === '-') return;
  const ip = canonicalIp(text);
  values[ADDRESS] = text;
  if (ip !== undefined) {
    values[IP] = ip;
    return;
  }
  if (text.startsWith('unix:')) return;
  const { host, port } = splitPort(text);
  const hostIp = canonicalIp(host);
  if (port !== undefined) values[PORT] = port;
  if (hostIp !== undefined) values[IP] = hostIp;
  else values[DOMAIN] = host;
}

/** Fills `source.*` from `address:port` whose writer puts no brackets around IPv6: there the last colon always parts the port. */
export function fillPeer(event: LogEvent, text: string): void {
  const colon = text.lastIndexOf(':');
  const ip = colon > 0 && text.charCodeAt(0) !== 91 ? canonicalIp(text.slice(0, colon)) : undefined;
  const port = text.slice(colon + 1);
  if (ip === undefined || !/^\d{1,5}$/.test(port)) return fillSource(event, text);
  event.values[ADDRESS] = text;
  event.values[IP] = ip;
  event.values[PORT] = Number(port);
}

/** Fills what the virtual host says: the server that was asked for. */
export function fillHost(event: LogEvent, text: string): void {
  if (text === '' || text === '-' || text === '_') return;
  const { values } = event;
  const { host, port } = splitPort(text);
  const ip = canonicalIp(host);
  if (ip === undefined) values[URL_DOMAIN] = values[DEST_DOMAIN] = host;
  else values[DEST_IP] = ip;
  if (port !== undefined) {
    values[DEST_PORT] = port;
    if (ip === undefined) values[URL_PORT] = port;
  }
}

/** `host:port`, `[v6]:port` or a bare host. */
export function splitPort(text: string): { host: string; port?: number } {
  const colon = text.lastIndexOf(':');
  if (colon < 1 || colon < text.length - 6) return { host: text };
  const digits = text.slice(colon + 1);
  const host = text.slice(0, colon);
  if (!/^\d{1,5}$/.test(digits) || (host.includes(':') && !host.endsWith(']'))) return { host: text };
  return { host: host.charCodeAt(0) === 91 ? host.slice(1, -1) : host, port: Number(digits) };
}

/** Of a list of forwarded addresses the first public one, else the first: what stands before it was added inside the sender's own network. */
export function firstOfList(list: string): string | undefined {
  let first: string | undefined;
  for (const part of list.slice(0, 1024).split(',', 32)) {
    const text = part.trim();
    if (text === '' || text === '-' || text === 'unknown') continue;
    first ??= text;
    const ip = canonicalIp(splitPort(text).host);
    if (ip !== undefined && !privateLooking.test(ip)) return text;
  }
  return first;
}

const privateLooking = /^(?:10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|::1$|f[cde][0-9a-f]{2}:)/;
