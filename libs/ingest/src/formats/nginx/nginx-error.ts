import { failed, quoted, type Failure } from '../../failure.js';
import { fillHost, fillSource } from '../../http/address.js';
import { fillReferrer } from '../../http/access-line.js';
import { fillModSecurity } from '../../http/modsecurity.js';
import { fillRequest } from '../../http/request.js';
import type { LogEvent } from '../../log-event.js';
import { redactText } from '../../redact/redact.js';
import { ACTION, CATEGORY, DATASET, IP, LEVEL, MESSAGE, MODULE, OUTCOME, PID, PROCESS, TYPE, UPSTREAM_ADDRESS, USER } from '../../slots.js';
import { isoTime } from '../../stamps/iso-time.js';
import type { Scope } from '../format.js';

// 2021/09/30 09:23:53 [error] 1925800#1925800: *17 message, client: …, server: …, request: "…", host: "…"
const head = /^(\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d) \[([a-z]{4,6})\] (\d{1,10})#\d{1,10}: (?:\*\d{1,20} )?/;

/** Whether a line begins like one of nginx's error log. */
export function looksLikeNginxError(line: string): boolean {
  if (line.charCodeAt(4) !== 47 || line.charCodeAt(7) !== 47 || line.charCodeAt(19) !== 32 || line.charCodeAt(20) !== 91) return false;
  // A level, and the process behind it: Go's loggers begin alike.
  const close = line.indexOf(']', 24);
  const next = line.charCodeAt(close + 2);
  return close > 0 && close < 28 && next >= 48 && next <= 57;
}

const web: readonly string[] = Object.freeze(['web']);
const webAuthentication: readonly string[] = Object.freeze(['web', 'authentication']);
const error: readonly string[] = Object.freeze(['error']);
const denied: readonly string[] = Object.freeze(['error', 'denied']);
const errorStart: readonly string[] = Object.freeze(['error', 'start']);

/** Reads a line of nginx's error log. Its times have no zone. */
export function parseNginxError(line: string, event: LogEvent, scope: Scope): Failure | undefined {
  const part = head.exec(line);
  if (!part)
    return failed('line_shape', `Expected an nginx error line such as "2026/01/15 10:05:03 [error] 7#7: message", found ${quoted(line)}.`);
  const stamp = isoTime(part[1]!, scope.zone);
  if (typeof stamp !== 'number') return stamp;
  event.stamp = stamp;
  const { values } = event;
  const facts = line.indexOf(', client: ', part[0].length);
  const message = line.slice(part[0].length, facts < 0 ? line.length : facts);
  values[MODULE] = 'nginx';
  values[DATASET] = 'nginx.error';
  values[PROCESS] = 'nginx';
  values[LEVEL] = part[2];
  values[PID] = Number(part[3]);
  values[MESSAGE] = redactText(message);
  if (facts >= 0) fillFacts(event, line.slice(facts));
  // ModSecurity names the client in its message, and so does a line without facts.
  const client = /^\[client ([\da-fA-F.:]{2,64})\] /.exec(message.slice(0, 96));
  if (client && values[IP] === undefined) fillSource(event, client[1]!);
  if (!fillModSecurity(event, message)) judge(event, message);
  return undefined;
}

const refusals = /^(?:access forbidden by rule|limiting (?:requests|connections)|delaying request|user ")/;

/** What nginx itself refused: basic authentication (which says who and why), addresses and rates. */
function judge(event: LogEvent, message: string): void {
  const { values } = event;
  values[CATEGORY] = web;
  values[TYPE] = error;
  values[OUTCOME] = 'unknown';
  if (!refusals.test(message)) return;
  const refused = /^user "([^"]{0,256})"(?:: password mismatch| was not found in )/.exec(message);
  if (refused) {
    values[CATEGORY] = webAuthentication;
    values[TYPE] = errorStart;
    values[OUTCOME] = 'failure';
    values[ACTION] = 'authn_login_fail';
    if (refused[1] !== '') values[USER] = refused[1];
  } else if (message.startsWith('limiting ')) {
    values[TYPE] = denied;
    values[OUTCOME] = 'failure';
    values[ACTION] = 'excess_rate_limit_exceeded';
  } else if (message.startsWith('delaying ')) values[ACTION] = 'rate_limit_delayed';
  else if (message.startsWith('access forbidden')) {
    values[TYPE] = denied;
    values[OUTCOME] = 'failure';
    values[ACTION] = 'authz_fail';
  }
}

const pairs = /, (client|server|request|upstream|host|referrer): (?:"((?:[^"\\]|\\.)*)"|([^,"]*))/g;

function fillFacts(event: LogEvent, facts: string): void {
  for (const [, name, inQuotes, plain] of facts.slice(0, 16_384).matchAll(pairs)) {
    const text = inQuotes ?? plain ?? '';
    if (name === 'client') fillSource(event, text);
    else if (name === 'server') fillHost(event, text);
    else if (name === 'request') fillRequest(event, text, 0, text.length);
    else if (name === 'upstream') event.values[UPSTREAM_ADDRESS] = redactText(text);
    else if (name === 'host') fillHost(event, text);
    else fillReferrer(event, text);
  }
}
