import { slot } from '#ecs';
import type { LogEvent } from '../log-event.js';
import { redactUrl } from '../redact/redact.js';
import {
  AGENT,
  CLIENT_IP,
  DURATION,
  REFERRER,
  REQUEST_BYTES,
  REQUEST_ID,
  UPSTREAM_ADDRESS,
  UPSTREAM_STATUS,
  UPSTREAM_TIME,
  URL_DOMAIN,
} from '../slots.js';
import { canonicalIp, fillHost, firstOfList, splitPort } from './address.js';
import { unescapeQuotes } from './quoted-field.js';
import { noteHeader, xForwardedFor } from './seen-headers.js';

/** A word behind the user agent: `name=value`, quoted, in brackets or bare. */
interface Word {
  readonly name: string;
  readonly text: string;
  readonly bare: boolean;
}

const maxTail = 1024;

/**
 * Reads what administrators append to the combined format. Sure things are filled (`name=value`, forwarded addresses, the ingress controller's
 * own format, `request_time upstream_time upstream_address upstream_status`); what cannot be told is left alone, and the line is an event all the same.
 */
export function fillTail(event: LogEvent, line: string, from: number): void {
  const words = tailWords(line.slice(from, from + maxTail));
  if (words.length === 0) return;
  const joined = words.length > 9 ? joinLists(words) : words;
  if (isIngress(joined)) return fillIngress(event, joined);
  if (event.values[AGENT] === undefined) fillHeaders(event, words);
  // nginx's "main" format: combined and one quoted field. Anything longer may hold other headers, whose sense only a log_format tells.
  if (words.length === 1) noteMain(event, words[0]!);
  let times = 0;
  for (const word of words) {
    const { name, text, bare } = word;
    if (name !== '') fillNamed(event, name, text);
    else if (text === '-' || text === '') times += times > 0 ? 1 : 0;
    else if (seconds.test(text)) fillTime(event, times++, Number(text));
    else if (statusCode.test(text) && times > 1) event.values[UPSTREAM_STATUS] ??= Number(text);
    else if (!fillByLook(event, word)) fillPlace(event, text, bare && times > 0);
  }
}

/** Words that mean one thing wherever they stand. */
function fillByLook(event: LogEvent, { text, bare }: Word): boolean {
  if (tlsWord.test(text)) fillTls(event, text);
  else if (bare && microseconds.test(text)) event.values[DURATION] ??= Number(text.replaceAll('*', '').split('/')[1]) * 1000;
  else if (requestId.test(text)) event.values[REQUEST_ID] ??= text;
  else return false;
  return true;
}

function fillHeaders(event: LogEvent, words: Word[]): void {
  const pair = headersAt(words);
  if (pair < 0) return;
  // Tomcat's administrators put other things before them.
  if (words[pair]!.text !== '-') event.values[REFERRER] ??= redactUrl(unescapeQuotes(words[pair]!.text));
  event.values[AGENT] = unescapeQuotes(words[pair + 1]!.text);
  words.splice(pair, 2);
}

function noteMain(event: LogEvent, { name, text, bare }: Word): void {
  if (name === '' && !bare) noteHeader(event, xForwardedFor, text);
}

const seconds = /^\d{1,7}\.\d{1,6}$/;
const statusCode = /^[1-5]\d\d$/;
const requestId = /^(?=.*[a-f\d]{8})[a-f\d]{8}-?[a-f\d]{4}-?[a-f\d]{4}-?[a-f\d]{4}-?[a-f\d]{12}$/i;

// nginx's `$ssl_protocol`, or with `/$ssl_cipher` behind it; Apache's `%{SSL_PROTOCOL}x` and `%{SSL_CIPHER}x`.
const tlsWord =
  /^(?:TLSv1(?:\.[123])?|SSLv[23]|TLS_[A-Z\d_]{8,48}|EC?DHE-[A-Z\d-]{8,48}|AES(?:128|256)-[A-Z\d-]{3,24})(?:\/[A-Z][A-Z\d_-]{7,63})?$/;
// `%T/%D`, which Red Hat's documentation writes with stars around it.
const microseconds = /^(?:\*\*)?\d{1,9}\/\d{1,15}(?:\*\*)?$/;

function fillTls({ values }: LogEvent, text: string): void {
  const [first, cipher] = text.split('/', 2) as [string, string?];
  if (/^(?:TLSv|SSLv)/.test(first)) values[slot['tls.version']] ??= first;
  else values[slot['tls.cipher']] ??= first;
  if (cipher !== undefined) values[slot['tls.cipher']] ??= cipher;
}

function tailWords(tail: string): Word[] {
  const found: Word[] = [];
  for (const part of tail.matchAll(/(?:([A-Za-z][\w-]{0,39})[=:])?(?:"((?:[^"\\]|\\.)*)"|\[([^\]]*)\]|([^\s"]+))/g)) {
    found.push({ name: (part[1] ?? '').toLowerCase(), text: part[2] ?? part[3] ?? part[4] ?? '', bare: part[4] !== undefined });
  }
  return found;
}

const agentLike = /^(?:Mozilla\b|[A-Za-z][\w.+-]{1,63}\/\d)/;

/** Where referrer and user agent stand, both quoted, if they are plainly that; -1 otherwise. */
function headersAt(words: readonly Word[]): number {
  for (let i = 0; i + 1 < words.length; i++) {
    const [first, second] = [words[i]!, words[i + 1]!];
    if (first.bare || second.bare || first.name !== '' || second.name !== '') continue;
    if ((first.text === '-' || /^https?:/.test(first.text)) && agentLike.test(second.text)) return i;
  }
  return -1;
}

/** Several upstreams make lists: `10.0.0.1:80, 10.0.0.2:80`. */
function joinLists(words: readonly Word[]): Word[] {
  const joined: Word[] = [];
  for (const word of words) {
    const last = joined.at(-1);
    if (last?.bare && word.bare && last.text.endsWith(',')) joined[joined.length - 1] = { ...last, text: `${last.text} ${word.text}` };
    else joined.push(word);
  }
  return joined;
}

function fillTime(event: LogEvent, nth: number, value: number): void {
  if (nth === 0) event.values[DURATION] = Math.round(value * 1e9);
  else event.values[UPSTREAM_TIME] ??= value;
}

/** An address with port behind times is the upstream; addresses in quotes were forwarded by a proxy; a name with a dot is the host. */
function fillPlace(event: LogEvent, text: string, behindTimes: boolean): void {
  const first = text.includes(',') ? (firstOfList(text) ?? text) : text;
  const { host, port } = splitPort(first);
  const ip = canonicalIp(host);
  if (ip !== undefined && behindTimes && port !== undefined) event.values[UPSTREAM_ADDRESS] ??= text;
  else if (ip !== undefined) event.values[CLIENT_IP] ??= ip;
  else if (event.values[URL_DOMAIN] === undefined && hostName.test(host)) fillHost(event, text);
}

const hostName = /^(?=[^.]*\.)(?=.*[a-z])[a-z\d_](?:[a-z\d._-]{0,251}[a-z\d])?$/i;

const named: Readonly<Record<string, (event: LogEvent, text: string) => void>> = {
  xff: fillForwarded,
  rt: (event, text) => numeric(text, (value) => (event.values[DURATION] = Math.round(value * 1e9))),
  urt: (event, text) => numeric(text, (value) => (event.values[UPSTREAM_TIME] = value)),
  us: (event, text) => numeric(text, (value) => (event.values[UPSTREAM_STATUS] = value)),
  ua: ({ values }, text) => (values[UPSTREAM_ADDRESS] = text),
  host: fillHost,
  rid: ({ values }, text) => (values[REQUEST_ID] = text),
  tls: fillTls,
  ssl: fillTls,
};
const longNames: Readonly<Record<string, string>> = {
  'x-forwarded-for': 'xff',
  forwarded_for: 'xff',
  x_forwarded_for: 'xff',
  xforwardedfor: 'xff',
  fwd: 'xff',
  sn: 'host',
  http_x_forwarded_for: 'xff',
  request_time: 'rt',
  ut: 'urt',
  upstream_response_time: 'urt',
  upstream_status: 'us',
  upstream_addr: 'ua',
  upstream: 'ua',
  ssl_protocol: 'tls',
  ssl_cipher: 'tls',
  tls_version: 'tls',
  uaddr: 'ua',
  ustatus: 'us',
  upstream_time: 'urt',
  vhost: 'host',
  server_name: 'host',
  request_id: 'rid',
  req_id: 'rid',
};

function fillNamed(event: LogEvent, name: string, text: string): void {
  if (text === '' || text === '-') return;
  const short = Object.hasOwn(longNames, name) ? longNames[name]! : name;
  if (Object.hasOwn(named, short)) named[short]!(event, text);
}

function fillForwarded(event: LogEvent, text: string): void {
  noteHeader(event, xForwardedFor, text);
  const client = canonicalIp(splitPort(text.split(',', 1)[0]!.trim()).host);
  if (client !== undefined) event.values[CLIENT_IP] = client;
}

/** The last number of a list such as `0.001, 0.250`: earlier ones are of upstreams that failed. */
function numeric(text: string, take: (value: number) => void): void {
  const value = Number(text.slice(Math.max(text.lastIndexOf(','), text.lastIndexOf(':')) + 1));
  if (Number.isFinite(value) && value >= 0) take(value);
}

/** `request_length request_time [proxy] [alternative] upstream_address response_length response_time status id` of ingress-nginx. */
function isIngress(words: readonly Word[]): boolean {
  return (
    words.length === 9 &&
    !words[2]!.bare &&
    !words[3]!.bare &&
    words[0]!.bare &&
    /^\d+$/.test(words[0]!.text) &&
    seconds.test(words[1]!.text)
  );
}

function fillIngress(event: LogEvent, words: readonly Word[]): void {
  const text = (i: number): string => words[i]!.text;
  event.values[REQUEST_BYTES] = Number(text(0));
  event.values[DURATION] = Math.round(Number(text(1)) * 1e9);
  if (text(4) !== '-') event.values[UPSTREAM_ADDRESS] = text(4);
  if (text(6) !== '-') numeric(text(6), (value) => (event.values[UPSTREAM_TIME] = value));
  if (text(7) !== '-') numeric(text(7), (value) => (event.values[UPSTREAM_STATUS] = value));
  if (text(8) !== '-') event.values[REQUEST_ID] = text(8);
}
