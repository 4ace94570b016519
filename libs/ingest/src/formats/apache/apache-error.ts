import { failed, quoted, type Failure } from '../../failure.js';
import { fillSource } from '../../http/address.js';
import { fillReferrer } from '../../http/access-line.js';
import { fillModSecurity } from '../../http/modsecurity.js';
import type { LogEvent } from '../../log-event.js';
import { redactText } from '../../redact/redact.js';
import { ACTION, CATEGORY, DATASET, LEVEL, MESSAGE, MODULE, OUTCOME, PID, PROCESS, TYPE, USER } from '../../slots.js';
import { badStamp, clockTime, inZone, monthAt, twoDigits, wallTime, type Stamp } from '../../stamps/stamp.js';
import type { Scope } from '../format.js';

// [Thu Oct 13 12:24:49.880562 2022] [auth_basic:error] [pid 10:tid 140] [client 31.33.58.75:50229] AH01618: …
const head =
  /^\[([A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})? \d{4})\] \[(?:([\w-]{0,64}):)?([a-z\d]{1,16})\] (?:\[pid (\d{1,10})(?::tid \d{1,20})?\] )?/;

/** Whether a line begins like one of Apache's error log: `[Thu Oct 13 …`. */
export function looksLikeApacheError(line: string): boolean {
  return line.charCodeAt(0) === 91 && line.charCodeAt(4) === 32 && line.charCodeAt(8) === 32 && line.charCodeAt(11) === 32;
}

const web: readonly string[] = Object.freeze(['web']);
const webAuthentication: readonly string[] = Object.freeze(['web', 'authentication']);
const error: readonly string[] = Object.freeze(['error']);
const errorDenied: readonly string[] = Object.freeze(['error', 'denied']);
const errorStart: readonly string[] = Object.freeze(['error', 'start']);

/** Reads a line of Apache's error log. Its times have no zone. */
export function parseApacheError(line: string, event: LogEvent, scope: Scope): Failure | undefined {
  const part = head.exec(line);
  if (!part) {
    return failed(
      'line_shape',
      `Expected an Apache error line such as "[Thu Oct 13 12:24:49.88 2022] [core:error] …", found ${quoted(line)}.`,
    );
  }
  const stamp = errorTime(part[1]!, scope);
  if (typeof stamp !== 'number') return stamp;
  event.stamp = stamp;
  const { values } = event;
  const rest = line.slice(part[0].length);
  const client = /\[(?:client|remote) ((?:\[[\da-fA-F:.%]{2,64}\])?[^\]\s]{0,64})\] /.exec(rest.slice(0, 512));
  values[MODULE] = 'apache';
  values[DATASET] = 'apache.error';
  values[PROCESS] = 'httpd';
  values[LEVEL] = part[3];
  if (part[4] !== undefined) values[PID] = Number(part[4]);
  if (client) fillSource(event, client[1]!);
  const referer = /, referer: (\S{1,4096})$/.exec(rest.slice(-4200));
  if (referer) fillReferrer(event, referer[1]!);
  const message = client ? rest.slice(0, client.index) + rest.slice(client.index + client[0].length) : rest;
  values[MESSAGE] = redactText(message);
  if (!fillModSecurity(event, message)) judge(event, message);
  return undefined;
}

// Basic: AH01617 password mismatch, AH01618 user not found. Digest says the same by words: "user `bob' in realm `x' not found", "user bob: password mismatch".
const basic = /^(?:AH0161[78]: )?user ([^:]{0,256})(?:: authentication failure| not found)/;
const digest =
  /^(?:AH017[89]\d: )?(?:Digest: )?user (?:`([^']{0,256})' in realm `[^']{0,256}' (?:not found|denied)|([^:]{0,256}): password mismatch)/;
const forbidden = /^AH0163[01]: |^AH01797: |^AH01276: |client denied by server/;

function judge({ values }: LogEvent, message: string): void {
  const refused = basic.exec(message) ?? digest.exec(message);
  const denied = !refused && forbidden.test(message);
  values[CATEGORY] = refused ? webAuthentication : web;
  values[TYPE] = refused ? errorStart : denied ? errorDenied : error;
  values[OUTCOME] = refused || denied ? 'failure' : 'unknown';
  if (denied) values[ACTION] = 'authz_fail';
  if (!refused) return;
  values[ACTION] = 'authn_login_fail';
  const user = refused[1] ?? refused[2];
  if (user) values[USER] = user;
}

function errorTime(text: string, { zone }: Scope): Stamp {
  const fraction = /\.(\d+) /.exec(text);
  const day = text.charCodeAt(8) === 32 ? text.charCodeAt(9) - 48 : twoDigits(text, 8);
  const clock = clockTime(twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17));
  const wall = wallTime(Number(text.slice(-4)), monthAt(text, 4), day, clock);
  if (Number.isNaN(wall)) return badStamp(text, 'such as "Thu Oct 13 12:24:49.880562 2022"');
  return inZone(wall + (fraction ? Math.floor(Number(`0.${fraction[1]}`) * 1000) : 0), zone, text);
}
