import { failed, quoted, type Failure } from '../failure.js';
import type { Scope } from '../formats/format.js';
import type { LogEvent } from '../log-event.js';
import { redactUrl } from '../redact/redact.js';
import { AGENT, BODY_BYTES, REFERRER, STATUS } from '../slots.js';
import { clfTime } from '../stamps/clf-time.js';
import { finishAccess } from './access-event.js';
import { fillHead } from './access-head.js';
import { fillTail } from './access-tail.js';
import { closingQuote, unescapeQuotes } from './quoted-field.js';
import { fillRequest } from './request.js';

/** Index of the bracket before a stamp of the common log format, or -1: the mark by which an access line is known. */
export function stampBracket(line: string): number {
  let at = line.indexOf('[');
  while (at >= 0) {
    if (line.charCodeAt(at + 3) === 47 && line.charCodeAt(at + 7) === 47 && line.charCodeAt(at + 12) === 58) return at;
    at = line.indexOf('[', at + 1);
  }
  return -1;
}

/**
 * Reads the common and combined formats of nginx and Apache with their usual additions before and behind:
 * `[vhost] address ident user [time] "request" status bytes ["referrer" "agent" [more]]`. By hand and not by one expression: linear in the
 * line whatever it holds, and able to tell what is wrong.
 */
export function parseAccessLine(line: string, event: LogEvent, scope: Scope): Failure | undefined {
  const bracket = stampBracket(line);
  if (bracket < 0)
    return failed('line_shape', `Expected an access log line with a time such as "[17/May/2015:10:05:03 +0000]", found ${quoted(line)}.`);
  const time = clfTime(line, bracket + 1, scope.zone);
  if (typeof time !== 'number') return time;
  event.stamp = time;
  return fillAccess(event, line, bracket, line.indexOf(']', bracket + 20));
}

/** Reads an access line of which the time is known, from the bracket that closes it. */
export function fillAccess(event: LogEvent, line: string, bracket: number, close: number): Failure | undefined {
  if (line.charCodeAt(close + 1) !== 32 || line.charCodeAt(close + 2) !== 34 || close < 0) {
    return failed('line_shape', `Expected a quoted request after the time, found ${quoted(line.slice(bracket + 1, bracket + 80))}.`);
  }
  const end = requestEnd(line, close + 3);
  if (end < 0) return failed('line_shape', `Expected the request's closing quote and a status, found ${quoted(line.slice(close + 2))}.`);
  fillHead(event, line, bracket);
  fillRequest(event, line, close + 3, end);
  fillAnswer(event, line, end + 2);
  finishAccess(event);
  return undefined;
}

/** The quote that ends the request is followed by a blank and a status. A server that does not escape backslashes is met in a second look. */
function requestEnd(line: string, from: number): number {
  for (let at = closingQuote(line, from); at >= 0; at = closingQuote(line, at + 1)) if (statusAt(line, at + 1)) return at;
  for (let at = line.indexOf('"', from); at >= 0; at = line.indexOf('"', at + 1)) if (statusAt(line, at + 1)) return at;
  return -1;
}

/** ` 200 `, ` 200` at the end, or ` - `. */
function statusAt(line: string, at: number): boolean {
  if (line.charCodeAt(at) !== 32) return false;
  let digits = 0;
  while (digits < 4 && isDigit(line.charCodeAt(at + 1 + digits))) digits++;
  const next = at + 1 + digits;
  if (digits === 0) return line.charCodeAt(next) === 45 && (next + 1 === line.length || line.charCodeAt(next + 1) === 32);
  return digits <= 3 && (next === line.length || line.charCodeAt(next) === 32);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Fills status, bytes, referrer, user agent and what follows, from the place of the status on. */
export function fillAnswer(event: LogEvent, line: string, from: number): void {
  const { values } = event;
  let at = from;
  const { length } = line;
  let number = -1;
  for (; at < length && line.charCodeAt(at) !== 32; at++) number = digit(number, line.charCodeAt(at));
  if (number >= 0) values[STATUS] = number;
  at++;
  number = -1;
  const bytesAt = at;
  for (; at < length && isDigit(line.charCodeAt(at)); at++) number = digit(number, line.charCodeAt(at));
  if (line.charCodeAt(at) === 45 && number < 0) at++;
  if (at < length && line.charCodeAt(at) !== 32) at = bytesAt - 1;
  else if (number >= 0 && number <= Number.MAX_SAFE_INTEGER) values[BODY_BYTES] = number;
  if (at >= length) return;
  if (line.charCodeAt(at + 1) !== 34) return fillTail(event, line, at);
  const referrerEnd = fieldEnd(line, at + 2);
  if (referrerEnd < 0) return;
  const agentAt = referrerEnd + 3;
  const alone = line.charCodeAt(referrerEnd + 1) !== 32 || line.charCodeAt(referrerEnd + 2) !== 34;
  const agentEnd = alone ? -1 : fieldEnd(line, agentAt);
  // One quoted field alone is no referrer: then it belongs to what was added.
  if (agentEnd < 0) return fillTail(event, line, at);
  fillReferrer(event, line.slice(at + 2, referrerEnd));
  fillAgent(event, line.slice(agentAt, agentEnd));
  if (agentEnd + 1 < length) fillTail(event, line, agentEnd + 1);
}

export function fillReferrer(event: LogEvent, text: string): void {
  if (text !== '' && text !== '-') event.values[REFERRER] = redactUrl(unescapeQuotes(text));
}

export function fillAgent(event: LogEvent, text: string): void {
  if (text !== '' && text !== '-') event.values[AGENT] = unescapeQuotes(text);
}

/** A quote that ends a field is followed by a blank or the end; a server that does not escape quotes may write others inside. */
function fieldEnd(line: string, from: number): number {
  const first = closingQuote(line, from);
  let at = first;
  while (at >= 0 && at + 1 < line.length && line.charCodeAt(at + 1) !== 32) at = closingQuote(line, at + 1);
  return at < 0 ? first : at;
}

function digit(number: number, code: number): number {
  return number < 0 ? code - 48 : number * 10 + code - 48;
}
