import { put, slot } from '#ecs';
import { failed, quoted, type Failure } from '../../failure.js';
import { finishAccess } from '../../http/access-event.js';
import { stampBracket } from '../../http/access-line.js';
import { fillPeer } from '../../http/address.js';
import { columns, numberOf, present, statusOf } from '../../http/columns.js';
import { fillRequest } from '../../http/request.js';
import type { LogEvent } from '../../log-event.js';
import { redactText } from '../../redact/redact.js';
import {
  CATEGORY,
  DATASET,
  DURATION,
  MESSAGE,
  MODULE,
  OUTCOME,
  PID,
  PROCESS,
  STATUS,
  TYPE,
  UPSTREAM_ADDRESS,
  UPSTREAM_TIME,
} from '../../slots.js';
import { clfTime } from '../../stamps/clf-time.js';
import { takeStamp } from '../../stamps/framed-time.js';
import type { Format } from '../format.js';
import { fillCaptured } from './captured.js';

const BYTES = slot['http.response.bytes'];
const network: readonly string[] = Object.freeze(['network']);
const connectionEnd: readonly string[] = Object.freeze(['connection', 'end']);
const error: readonly string[] = Object.freeze(['error']);

// client and, where the program's name came along without a syslog frame, that: "haproxy[7]: 10.0.0.1:2222 ".
const head = /^(?:haproxy\[(\d{1,10})\]: )?([\da-fA-F.:[\]%]{2,64}|unix:\d{1,10}|-) $/;
const timers = /^(?:[+-]?\d{1,12}\/){2,4}[+-]?\d{1,12}$/;

/** Whether a line with a stamp at a bracket is HAProxy's: a time with milliseconds (or none), no request right behind it, an address before. */
export function looksLikeHaproxy(line: string, bracket: number): boolean {
  return line.charCodeAt(bracket + 21) === 46 && bracket < 128 && head.test(line.slice(0, bracket));
}

/** HAProxy: `option httplog`, `httpslog` and `tcplog`, with captured headers, and its line for connections that failed. */
export const haproxy: Format = {
  name: 'haproxy',
  parse(line, event, scope) {
    const bracket = stampBracket(line);
    const before = bracket < 0 || bracket > 128 ? null : head.exec(line.slice(0, bracket));
    const close = line.indexOf('] ', bracket);
    if (!before || close < 0) return shape(line);
    const bad = takeStamp(event, clfTime(line, bracket + 1, scope.zone), scope);
    if (bad) return bad;
    const { values } = event;
    values[MODULE] = 'haproxy';
    values[PROCESS] = 'haproxy';
    if (before[1] !== undefined) values[PID] = Number(before[1]);
    fillPeer(event, before[2]!);
    return fillRest(event, line, close + 2);
  },
};

function fillRest(event: LogEvent, line: string, from: number): Failure | undefined {
  const { values } = event;
  // frontend backend/server timers …, or: frontend/bind: what went wrong
  const words = columns(line.slice(from, from + 2048));
  const times = words[2];
  if (times === undefined || !timers.test(times)) return fillTrouble(event, line.slice(from));
  const http = times.split('/').length > 3;
  const [frontend, server] = [words[0]!, words[1]!];
  // An open slash: a server's name may hold some.
  const slash = server.indexOf('/');
  note(event, 'frontend', frontend.endsWith('~') ? frontend.slice(0, -1) : frontend);
  note(event, 'backend', slash < 0 ? server : server.slice(0, slash));
  if (slash >= 0 && !server.endsWith('<NOSRV>')) values[UPSTREAM_ADDRESS] = server.slice(slash + 1);
  const parts = times.split('/').map((text) => numberOf(text.replace('+', '')));
  const total = parts.at(-1);
  if (total !== undefined) values[DURATION] = Math.round(total * 1e6);
  const bytes = numberOf((http ? words[4] : words[3])?.replace('+', ''));
  if (bytes === undefined) return shape(line);
  values[BYTES] = bytes;
  const state = http ? words[7] : words[4];
  if (present(state)) note(event, 'termination_state', state!);
  if (!http) {
    values[DATASET] = 'haproxy.tcp';
    values[CATEGORY] = network;
    values[TYPE] = connectionEnd;
    values[OUTCOME] = state?.startsWith('-') ? 'success' : 'failure';
    return undefined;
  }
  if (parts[3] !== undefined) values[UPSTREAM_TIME] = parts[3] / 1000;
  values[DATASET] = 'haproxy.http';
  values[STATUS] = statusOf(words[3]);
  fillRequestPart(event, line, placeAfter(line, from, 10));
  finishAccess(event);
  return undefined;
}

/** Index behind a number of words. */
function placeAfter(line: string, from: number, count: number): number {
  let at = from;
  for (let i = 0; i < count && at > 0; i++) at = line.indexOf(' ', at) + 1;
  return at > 0 ? at : line.length;
}

/** ` {request headers} {response headers} "request" [fc_err/… sni/version/cipher]`; the request may have been cut at the end of the line. */
function fillRequestPart(event: LogEvent, line: string, from: number): void {
  let at = from;
  for (let block = 0; block < 2 && line.charCodeAt(at) === 123; block++) {
    const end = line.indexOf('} ', at);
    if (end < 0) return;
    // One block alone may be the answer's: what its values look like decides.
    fillCaptured(event, line.slice(at + 1, end).split('|', 32));
    at = end + 2;
  }
  if (line.charCodeAt(at) !== 34) return;
  const last = line.lastIndexOf('"');
  const end = last > at ? last : line.length;
  fillRequest(event, line, at + 1, end);
  if (last <= at) return;
  const tls = columns(line.slice(last + 1, last + 1024)).find((word) => /^[^/]{1,255}\/(?:TLSv|SSLv|-)[^/]{0,16}\/[^/]{1,64}$/.test(word));
  const [, version, cipher] = tls?.split('/') ?? [];
  if (present(version)) event.values[slot['tls.version']] = version;
  if (present(cipher)) event.values[slot['tls.cipher']] = cipher;
}

/** `frontend/bind: Connection error during SSL handshake`. */
function fillTrouble(event: LogEvent, rest: string): Failure | undefined {
  const part = /^([^\s/]{1,128})\/([^\s:]{1,128}): (.+)$/.exec(rest.length > 4096 ? rest.slice(0, 4096) : rest);
  if (!part) return shape(rest);
  const { values } = event;
  note(event, 'frontend', part[1]!.endsWith('~') ? part[1]!.slice(0, -1) : part[1]!);
  values[DATASET] = 'haproxy.error';
  values[MESSAGE] = redactText(part[3]!);
  values[CATEGORY] = network;
  values[TYPE] = error;
  values[OUTCOME] = 'failure';
  return undefined;
}

function note(event: LogEvent, name: string, text: string): void {
  event.extra ??= {};
  put(event.extra, `gatewatch.haproxy.${name}`, text);
}

function shape(line: string): Failure {
  return failed(
    'line_shape',
    `Expected an HAProxy line such as "10.0.0.1:2222 [06/Feb/2026:12:14:14.655] front back/srv 10/0/30/69/109 200 …", found ${quoted(line)}.`,
  );
}
