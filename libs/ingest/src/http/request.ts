import type { LogEvent } from '../log-event.js';
import { redactUrl } from '../redact/redact.js';
import { METHOD, PATH, QUERY, URL_DOMAIN, URL_ORIGINAL, URL_PORT, URL_SCHEME, VERSION } from '../slots.js';
import { splitPort } from './address.js';

/**
 * Fills an event from the request line at a place, as a server logged it. Clients send anything: what can be told is filled, and what is not
 * an HTTP request at all (a TLS hello on the plain port, a bare word) is kept as `url.original`.
 */
export function fillRequest(event: LogEvent, line: string, start: number, end: number): void {
  if (end <= start || (end === start + 1 && line.charCodeAt(start) === 45)) return;
  const space = line.indexOf(' ', start);
  if (space < 0 || space >= end) return fillWord(event, line.slice(start, end));
  const method = methodAt(line, start, space);
  let versionAt = lastSpace(line, space, end);
  let version = versionAt > 0 ? versionText(line, versionAt + 1, end) : undefined;
  if (version === undefined && (version = bareVersion(line, space, end)) !== undefined) versionAt = end - version.length - 1;
  if (method === undefined || (version === undefined && !targetLike(line, space + 1))) {
    event.values[URL_ORIGINAL] = redactUrl(line.slice(start, end));
    return;
  }
  event.values[METHOD] = method;
  if (version !== undefined) event.values[VERSION] = version;
  const to = version === undefined ? end : versionAt;
  if (to > space + 1) fillTarget(event, line.slice(space + 1, to));
}

/** Fills `url.*` from a request target in any of the four forms of RFC 9112, 3.2. */
export function fillTarget(event: LogEvent, target: string): void {
  const { values } = event;
  const original = redactUrl(target, event.profile?.redaction);
  values[URL_ORIGINAL] = original;
  if (original !== target) event.target ??= target;
  let from = 0;
  if (original.charCodeAt(0) !== 47) {
    if (values[METHOD] === 'CONNECT') return fillAuthority(event, original);
    const scheme = /^([a-z][a-z0-9+.-]{0,15}):\/\//i.exec(original);
    if (scheme) {
      from = scheme[0].length;
      const slash = original.slice(from).search(/[/?#]/);
      const authority = slash < 0 ? original.slice(from) : original.slice(from, from + slash);
      values[URL_SCHEME] = scheme[1]!.toLowerCase();
      fillAuthority(event, authority.slice(authority.lastIndexOf('@') + 1));
      from += authority.length;
    }
  }
  const mark = original.indexOf('?', from);
  const path = mark < 0 ? (from === 0 ? original : original.slice(from)) : original.slice(from, mark);
  values[PATH] = path === '' ? '/' : path.indexOf('%') < 0 ? path : decodedPath(path);
  if (mark >= 0 && mark + 1 < original.length) values[QUERY] = original.slice(mark + 1);
}

/**
 * A path with its percent-escapes undone once, as the server reads it: otherwise `/%61dmin` would not be `/admin` for a rule. Escapes of control
 * characters and of what is no UTF-8 stay as they are.
 */
export function decodedPath(path: string): string {
  return path.replace(escapes, (run) => {
    try {
      const text = decodeURIComponent(run);
      return unprintable.test(text) ? run : text;
    } catch {
      return run;
    }
  });
}
const escapes = /(?:%[0-9a-f]{2})+/gi;
// eslint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u001f\u007f-\u009f]/;

function fillAuthority(event: LogEvent, authority: string): void {
  const { host, port } = splitPort(authority);
  if (host !== '') event.values[URL_DOMAIN] = host;
  if (port !== undefined) event.values[URL_PORT] = port;
}

function fillWord(event: LogEvent, word: string): void {
  if (word === 'GET' || word === 'POST' || word === 'HEAD' || word === 'OPTIONS') event.values[METHOD] = word;
  else if (word.charCodeAt(0) === 47) fillTarget(event, word);
  else event.values[URL_ORIGINAL] = redactUrl(word);
}

function targetLike(line: string, at: number): boolean {
  const code = line.charCodeAt(at);
  return code === 47 || code === 42 || line.startsWith('http', at);
}

/** The last blank before the end, looked for backwards through at most 12 characters: a version is never longer. */
function lastSpace(line: string, from: number, end: number): number {
  const stop = Math.max(from + 1, end - 12);
  for (let i = end - 2; i >= stop; i--) if (line.charCodeAt(i) === 32) return i;
  return -1;
}

function versionText(line: string, at: number, end: number): string | undefined {
  // Hypercorn leaves the word out: "GET / 1.1".
  if (!line.startsWith('HTTP/', at)) return /^(?:1\.[01]|[23])$/.test(line.slice(at, end)) ? line.slice(at, end) : undefined;
  const major = line.charCodeAt(at + 5);
  if (end === at + 8 && line.charCodeAt(at + 6) === 46) {
    const minor = line.charCodeAt(at + 7);
    if (major === 49) return minor === 49 ? '1.1' : minor === 48 ? '1.0' : line.slice(at + 5, end);
    if (major === 50 && minor === 48) return '2.0';
  }
  return line.slice(at + 5, end);
}

/** Hypercorn writes the version alone: `GET / 1.1`, `GET / 2`. */
function bareVersion(line: string, from: number, end: number): string | undefined {
  const last = line.charCodeAt(end - 1);
  if (last < 48 || last > 51 || line.charCodeAt(from + 1) !== 47) return undefined;
  if (line.charCodeAt(end - 2) === 32 && end - 2 > from && last > 49) return line.slice(end - 1, end);
  return end - 4 > from && line.startsWith(' 1.', end - 4) ? line.slice(end - 3, end) : undefined;
}

/** A method name without making a new string for the usual ones; `undefined` where the text is no token. */
function methodAt(line: string, start: number, end: number): string | undefined {
  const length = end - start;
  const first = line.charCodeAt(start);
  if (length === 3 && first === 71 && line.startsWith('GET', start)) return 'GET';
  if (length === 4 && first === 80 && line.startsWith('POST', start)) return 'POST';
  if (length === 4 && first === 72 && line.startsWith('HEAD', start)) return 'HEAD';
  if (length === 3 && first === 80 && line.startsWith('PUT', start)) return 'PUT';
  if (length < 1 || length > 32) return undefined;
  const method = line.slice(start, end);
  return /^[A-Za-z][A-Za-z0-9_-]*$/.test(method) ? method : undefined;
}
