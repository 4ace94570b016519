import { failed, quoted, type Failure } from '../failure.js';
import type { Scope } from '../formats/format.js';
import type { LogEvent } from '../log-event.js';
import { takeStamp } from '../stamps/framed-time.js';
import { clfTime } from '../stamps/clf-time.js';
import { isoTime } from '../stamps/iso-time.js';
import { badStamp, clockTime, monthAt, twoDigits, wallTime, type Stamp } from '../stamps/stamp.js';
import { finishAccess } from './access-event.js';
import { fillHead } from './access-head.js';
import { fillAnswer, parseAccessLine } from './access-line.js';
import { canonicalIp, fillHost, splitPort } from './address.js';
import { fillRequest } from './request.js';

const quotedRequest = /"([A-Z]{3,16} [^"]{1,8192} HTTP\/\d(?:\.\d)?)" (?=\d{3}(?: |$))/;
const bareRequest =
  /(?:^|[ \]])((?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE|PROPFIND) \/\S{0,8192} HTTP\/\d(?:\.\d)?) (?=\d{3}(?: |$))/;
const maxHead = 512;

/** A whole request and a status, with no more than a head's length before it. */
function requestIn(line: string): RegExpExecArray | undefined {
  const text = line.length > 16_384 ? line.slice(0, 16_384) : line;
  const found = quotedRequest.exec(text) ?? bareRequest.exec(text);
  return found && found.index <= maxHead ? found : undefined;
}

// The times that servers write: in brackets or bare, of the common log format, of ISO 8601, or of RFC 9110.
const clf = /\[?(\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d(?:\.\d{1,9})?(?: [+-]\d{4})?)\]?/;
const iso = /\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|[+-]\d\d:?\d\d))?)\]?(?= |$)/;
const imf = /\[?((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT)\]?/;

/** Whether a line holds a time, and behind it a request and a status: an access line in an order of its own. */
export function looksLikeLooseAccess(line: string): boolean {
  if (!line.includes(' HTTP/')) return false;
  const request = requestIn(line);
  if (!request) return false;
  const head = line.slice(0, request.index + 1);
  return clf.test(head) || iso.test(head) || imf.test(head);
}

/**
 * Whether a line that begins with an ISO time, as syslog's may, is an access line: an address and no program between time and request.
 */
export function looksLikeDatedAccess(line: string): boolean {
  if (!line.includes(' HTTP/')) return false;
  const request = requestIn(line);
  if (!request) return false;
  const words = line
    .slice(line.indexOf(' ') + 1, request.index)
    .split(' ')
    .filter((word) => word !== '');
  return words.length > 0 && words.length < 5 && words.some(isAddress) && !words.some((word) => /:$|\[/.test(word) && !isAddress(word));
}

/** Reads the common and combined formats, and else what has their parts in another order. */
export function parseAnyAccess(line: string, event: LogEvent, scope: Scope): Failure | undefined {
  const failure = parseAccessLine(line, event, scope);
  return failure?.reason === 'line_shape' && looksLikeLooseAccess(line) ? parseLooseAccess(line, event, scope) : failure;
}

/** Reads an access line whose parts stand elsewhere than in the common format; only what is sure is filled. */
function parseLooseAccess(line: string, event: LogEvent, scope: Scope): Failure | undefined {
  const request = requestIn(line);
  if (!request)
    return failed('line_shape', `Expected an access line with a request such as "GET / HTTP/1.1" and a status, found ${quoted(line)}.`);
  const before = line.slice(0, request.index + (request[0].startsWith('"') ? 0 : 1)).replace(/\]$/, '] ');
  const { stamp, rest } = timeIn(before, scope);
  const bad = takeStamp(event, stamp, scope);
  if (bad) return bad;
  fillWords(event, rest);
  fillRequest(event, request[1]!, 0, request[1]!.length);
  fillAnswer(event, line, request.index + request[0].length);
  finishAccess(event);
  return undefined;
}

/** The time of a head, and the head without it. */
function timeIn(head: string, { zone }: Scope): { stamp: Stamp; rest: string } {
  const common = clf.exec(head);
  const part = common ?? iso.exec(head) ?? imf.exec(head);
  if (!part) return { stamp: badStamp(head, 'before the request'), rest: head };
  const text = part[1]!;
  const rest = `${head.slice(0, part.index)} ${head.slice(part.index + part[0].length)}`.trim();
  return { stamp: common ? clfTime(text, 0, zone) : text.endsWith('GMT') ? imfTime(text) : isoTime(text, zone), rest };
}

/** `Thu, 15 Jan 2026 10:05:03 GMT` */
function imfTime(text: string): Stamp {
  const clock = clockTime(twoDigits(text, 17), twoDigits(text, 20), twoDigits(text, 23));
  const wall = wallTime(Number(text.slice(12, 16)), monthAt(text, 8), twoDigits(text, 5), clock);
  return Number.isNaN(wall) ? badStamp(text, 'such as "Thu, 15 Jan 2026 10:05:03 GMT"') : wall;
}

/** Address, user and host, from the first address on; what a logger wrote before it is no part of them. */
function fillWords(event: LogEvent, rest: string): void {
  const words = rest.split(/\s+/).filter((word) => word !== '');
  const first = words.findIndex(isAddress);
  if (first < 0) {
    const host = words.find((word) => hostName.test(word));
    if (host !== undefined) fillHost(event, host);
    return;
  }
  const host = words.find((word, i) => i !== first && hostName.test(word));
  if (host !== undefined) fillHost(event, host);
  const known = words.slice(first).filter((word) => word !== host);
  const head = known.slice(0, known.length > 3 ? 3 : known.length).join(' ');
  fillHead(event, `${head} [`, head.length + 1);
}

const hostName = /^[a-z\d](?:[a-z\d-]{0,62}\.){1,16}[a-z]{2,63}(?::\d{1,5})?$/i;

function isAddress(word: string): boolean {
  return canonicalIp(splitPort(word).host) !== undefined;
}
