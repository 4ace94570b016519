import { put, slot } from '#ecs';
import { failed, quoted, type Failure } from '../../failure.js';
import { finishAccess } from '../../http/access-event.js';
import { fillAgent } from '../../http/access-line.js';
import { canonicalIp, fillHost, fillSource, splitPort } from '../../http/address.js';
import { columnEnd, columns, numberOf, present, statusOf } from '../../http/columns.js';
import { chainHeader, noteHeader, xForwardedFor } from '../../http/seen-headers.js';
import { fillRequest } from '../../http/request.js';
import type { LogEvent } from '../../log-event.js';
import {
  CLIENT_IP,
  DATASET,
  DEST_DOMAIN,
  DURATION,
  IP,
  MODULE,
  REQUEST_ID,
  STATUS,
  UPSTREAM_ADDRESS,
  UPSTREAM_TIME,
  URL_DOMAIN,
} from '../../slots.js';
import { takeStamp } from '../../stamps/framed-time.js';
import { isoTime } from '../../stamps/iso-time.js';
import type { Format } from '../format.js';

const REQUEST_BODY = slot['http.request.body.bytes'];
const RESPONSE_BODY = slot['http.response.body.bytes'];

/** Whether a line begins as Envoy's default text does: `[2026-01-15T10:05:03.250Z] "`. */
export function looksLikeEnvoy(line: string): boolean {
  if (line.charCodeAt(0) !== 91 || line.charCodeAt(5) !== 45 || line.charCodeAt(8) !== 45 || line.charCodeAt(11) !== 84) return false;
  const close = line.indexOf(']', 12);
  return close > 0 && close < 48 && line.charCodeAt(close + 1) === 32 && line.charCodeAt(close + 2) === 34;
}

/** Envoy's default text and Istio's, which adds the reasons before the sizes and the addresses behind the upstream. */
export const envoy: Format = {
  name: 'envoy',
  parse(line, event, scope) {
    if (!looksLikeEnvoy(line)) return shape(line);
    const close = line.indexOf(']');
    const bad = takeStamp(event, isoTime(line.slice(1, close), scope.zone), scope);
    if (bad) return bad;
    const words = columns(line, close + 2);
    const sizes = sizesAt(words);
    if (words.length < 8 || sizes < 0) return shape(line);
    event.values[MODULE] = 'envoy';
    event.values[DATASET] = 'envoy.access';
    // Of a TCP proxy nothing is known of a request: "- - -".
    if (words[0] !== '- - -') fillRequest(event, words[0]!, 0, words[0]!.length);
    // 0: the client went away before there was an answer.
    event.values[STATUS] = statusOf(words[1]);
    note(event, 'response_flags', words[2]);
    if (sizes > 3) note(event, 'response_code_details', words[3]);
    fillSizes(event, words, sizes);
    fillAddresses(event, behindSizes(line, columnEnd(line, close + 2, sizes + 4)));
    finishAccess(event);
    return undefined;
  },
};

/** Received, sent and duration are the first three numbers in a row behind the flags: before them versions put different reasons. */
function sizesAt(words: readonly string[]): number {
  const number = /^\d{1,15}$/;
  for (let i = 3; i <= 7; i++)
    if (number.test(words[i] ?? '') && number.test(words[i + 1] ?? '') && /^(?:\d{1,15}|-)$/.test(words[i + 2] ?? '')) return i;
  return -1;
}

/**
 * The columns behind the times. Envoy does not escape quotes, and the caller writes the user agent: so id, authority and upstream are found
 * from the end of the line, and no agent can put an address where the peer's stands.
 */
function behindSizes(line: string, from: number): readonly string[] {
  const found: string[] = [];
  let close = line.lastIndexOf('"');
  const rest = columns(line, close + 1);
  for (let i = 0; i < 3; i++) {
    const open = line.lastIndexOf('"', close - 1);
    if (open - 2 <= from || line.charCodeAt(open - 1) !== 32 || line.charCodeAt(open - 2) !== 34) return columns(line, from);
    found.unshift(line.slice(open + 1, close));
    close = open - 2;
  }
  const start = line.indexOf('"', from);
  const between = line.indexOf('" "', start + 1);
  if (between < 0 || between >= close) return columns(line, from);
  return [line.slice(start + 1, between), line.slice(between + 3, close), ...found, ...rest];
}

function fillSizes({ values }: LogEvent, words: readonly string[], at: number): void {
  values[REQUEST_BODY] = numberOf(words[at]);
  values[RESPONSE_BODY] = numberOf(words[at + 1]);
  const duration = numberOf(words[at + 2]);
  if (duration !== undefined) values[DURATION] = Math.round(duration * 1e6);
  const upstream = numberOf(words[at + 3]);
  if (upstream !== undefined) values[UPSTREAM_TIME] = upstream / 1000;
}

/** `xff agent request-id authority upstream [cluster upstream-local downstream-local downstream-remote server-name route]`. */
function fillAddresses(event: LogEvent, words: readonly string[]): void {
  const { values } = event;
  const forwarded = present(words[0])?.slice(0, 1024).split(',', 32);
  const peer = present(words[8]);
  if (peer !== undefined) fillSource(event, peer);
  if (forwarded) {
    if (peer === undefined) noteHeader(event, chainHeader, words[0]!);
    else noteHeader(event, xForwardedFor, words[0]!);
    // Envoy appends the peer that it saw: the last entry is the only one that the caller cannot write.
    if (values[IP] === undefined) fillSource(event, forwarded.at(-1)!.trim());
    const first = canonicalIp(splitPort(forwarded[0]!.trim()).host);
    if (first !== undefined && (forwarded.length > 1 || peer !== undefined)) values[CLIENT_IP] = first;
  }
  fillAgent(event, words[1] ?? '');
  const id = present(words[2]);
  if (id !== undefined) values[REQUEST_ID] = id;
  if (present(words[3]) && values[URL_DOMAIN] === undefined) fillHost(event, words[3]!);
  if (present(words[4])) values[UPSTREAM_ADDRESS] = words[4];
  note(event, 'upstream_cluster', words[5]);
  if (present(words[9])) values[DEST_DOMAIN] ??= words[9];
  note(event, 'route', words[10]);
}

function note(event: LogEvent, name: string, text: string | undefined): void {
  if (present(text) === undefined) return;
  event.extra ??= {};
  put(event.extra, `gatewatch.envoy.${name}`, text!);
}

function shape(line: string): Failure {
  return failed(
    'line_shape',
    `Expected an Envoy line such as "[2026-01-15T10:05:03.250Z] "GET / HTTP/1.1" 200 - 0 12 3 2 …", found ${quoted(line)}.`,
  );
}
