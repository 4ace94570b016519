import { put, slot } from '#ecs';
import { failed, quoted, type Failure } from '../../failure.js';
import { finishAccess } from '../../http/access-event.js';
import { fillAgent, fillReferrer } from '../../http/access-line.js';
import { canonicalIp, fillHost, fillSource, splitPort } from '../../http/address.js';
import { numberOf, statusOf } from '../../http/columns.js';
import { fillTarget } from '../../http/request.js';
import type { LogEvent } from '../../log-event.js';
import { redactText } from '../../redact/redact.js';
import * as at from '../../slots.js';
import { takeFrameTime } from '../../stamps/framed-time.js';
import { epochTime, isoTime } from '../../stamps/iso-time.js';
import { monthAt } from '../../stamps/stamp.js';
import type { Format, Scope } from '../format.js';

const RULE_ID = slot['rule.id'];
const RULE_NAME = slot['rule.name'];
const CODE = slot['event.code'];
const web: readonly string[] = Object.freeze(['web', 'intrusion_detection']);
const intrusion: readonly string[] = Object.freeze(['intrusion_detection']);
const info: readonly string[] = Object.freeze(['info']);
const denied: readonly string[] = Object.freeze(['denied']);
const begins = /^CEF: ?\d\|/;

/** Whether a line begins as the Common Event Format does: `CEF:0|`. */
export function looksLikeCef(line: string): boolean {
  return line.charCodeAt(0) === 67 && begins.test(line.slice(0, 8));
}

/** Where a CEF record begins behind a frame that is no regular syslog, or -1. */
export function cefAt(line: string): number {
  const found = line.slice(0, 300).indexOf('CEF:');
  return found >= 0 && begins.test(line.slice(found, found + 8)) ? found : -1;
}

/** ArcSight's Common Event Format, versions 0 and 1. */
export const cef: Format = {
  name: 'cef',
  parse(line, event, scope) {
    const from = cefAt(line);
    const header = from < 0 ? undefined : headerOf(line, from);
    if (!header) return failed('line_shape', `Expected "CEF:0|vendor|product|version|id|name|severity|…", found ${quoted(line)}.`);
    const [, vendor, product, version, id, name, severity] = header.words as [string, string, string, string, string, string, string];
    const { values } = event;
    values[at.MODULE] = 'cef';
    values[at.DATASET] = 'cef.log';
    if (id !== '') values[CODE] = values[RULE_ID] = id;
    if (name !== '') values[RULE_NAME] = redactText(name);
    event.extra ??= {};
    put(event.extra, 'observer.vendor', vendor);
    put(event.extra, 'observer.product', product);
    if (version !== '') put(event.extra, 'observer.version', version);
    const level = severityOf(severity);
    if (level !== undefined) put(event.extra, 'event.severity', level);
    return fillExtension(event, extension(line, header.end), scope);
  },
};

/** The seven parts before the extension; a pipe within one is written `\|`. */
function headerOf(line: string, from: number): { words: string[]; end: number } | undefined {
  const words: string[] = [];
  let start = from;
  for (let i = from; i < line.length && i < from + 4096 && words.length < 7; i++) {
    const code = line.charCodeAt(i);
    if (code === 92) i++;
    else if (code === 124) {
      words.push(
        line
          .slice(start, i)
          .replace(/\\([\\|])/g, '$1')
          .trim(),
      );
      start = i + 1;
    }
  }
  if (words.length === 6) {
    // The extension and its bar may be missing.
    words.push(line.slice(start).trim());
    start = line.length;
  }
  return words.length === 7 ? { words, end: start } : undefined;
}

const names: Readonly<Record<string, number>> = { low: 3, medium: 5, high: 8, 'very-high': 10, unknown: 0 };

function severityOf(text: string): number | undefined {
  const number = /^\d{1,2}$/.test(text) ? Number(text) : names[text.toLowerCase()];
  return number !== undefined && number <= 10 ? number : undefined;
}

const pair = /(?:^|\s)([A-Za-z][\w.[\]-]{0,63})=/g;
const maxPairs = 200;

/** `key=value` with blanks in values: a value ends where the next key begins; `=` within one is written `\=`. */
function extension(line: string, from: number): Map<string, string> {
  const text = line.slice(from, from + 32_768);
  const found = new Map<string, string>();
  let last: { name: string; start: number } | undefined;
  const close = (end: number): void => {
    if (last && !found.has(last.name)) found.set(last.name, unescaped(text.slice(last.start, end).trim()));
  };
  for (const part of text.matchAll(pair)) {
    if (found.size >= maxPairs) break;
    close(part.index);
    last = { name: part[1]!, start: part.index + part[0].length };
  }
  close(text.length);
  return found;
}

function unescaped(text: string): string {
  return text.includes('\\') ? text.replace(/\\([\\=|nr])/g, (_, one: string) => (one === 'n' ? '\n' : one === 'r' ? '\r' : one)) : text;
}

function fillExtension(event: LogEvent, keys: ReadonlyMap<string, string>, scope: Scope): Failure | undefined {
  const { values } = event;
  const stamp = stampOf(keys, scope);
  if (stamp === undefined) takeFrameTime(event, scope);
  else event.stamp = stamp;
  const plain = (slotAt: number, ...all: readonly string[]): void => {
    for (const key of all) {
      const text = keys.get(key);
      if (text !== undefined && text !== '' && text !== '-') values[slotAt] ??= text;
    }
  };
  const source = keys.get('src') ?? keys.get('c6a2') ?? keys.get('shost');
  if (source !== undefined) fillSource(event, source);
  values[at.PORT] ??= numberOf(keys.get('spt'));
  const destination = keys.get('dst') ?? keys.get('c6a3');
  if (destination !== undefined) values[at.DEST_IP] = canonicalIp(splitPort(destination).host);
  values[at.DEST_PORT] = numberOf(keys.get('dpt'));
  plain(at.DEST_DOMAIN, 'dhost', 'destinationDnsDomain');
  plain(at.USER, 'suser', 'duser');
  plain(at.USER_ID, 'suid', 'duid');
  plain(at.METHOD, 'requestMethod', 'method');
  plain(at.HOST, 'dvchost', 'dvc');
  plain(at.PROCESS, 'deviceProcessName');
  plain(at.ACTION, 'act');
  plain(at.REASON, 'reason');
  const message = keys.get('msg');
  if (message !== undefined) values[at.MESSAGE] = redactText(message);
  fillReferrer(event, keys.get('requestContext') ?? '');
  fillAgent(event, keys.get('requestClientApplication') ?? '');
  values[at.REQUEST_BYTES] = numberOf(keys.get('in'));
  values[at.STATUS] = statusOf(keys.get('responseCode') ?? statusLabelled(keys));
  const target = keys.get('request');
  if (target !== undefined && target !== '') fillRequested(event, target);
  judge(event, keys);
  return undefined;
}

/** Some write the status into a custom number and say so in its label. */
function statusLabelled(keys: ReadonlyMap<string, string>): string {
  return /status|response ?code/i.test(keys.get('cn1Label') ?? '') ? (keys.get('cn1') ?? '') : '';
}

const refusals = /^(?:block(?:ed)?|den(?:y|ied)|drop(?:ped)?|reject(?:ed)?|reset|prevent(?:ed)?)\b/i;

function judge(event: LogEvent, keys: ReadonlyMap<string, string>): void {
  const { values } = event;
  const outcome = (keys.get('outcome') ?? keys.get('categoryOutcome') ?? '').toLowerCase().replace(/^\//, '');
  const refused = refusals.test(keys.get('act') ?? '');
  if (outcome.startsWith('succe')) values[at.OUTCOME] = 'success';
  else if (outcome.startsWith('fail') || refused) values[at.OUTCOME] = 'failure';
  const isWeb = values[at.PATH] !== undefined;
  values[at.CATEGORY] = isWeb ? web : intrusion;
  values[at.TYPE] = refused ? denied : info;
  if (isWeb && values[at.STATUS] !== undefined) finishAccess(event);
  else values[at.OUTCOME] ??= 'unknown';
}

/** `rt`, else `end` or `start`: milliseconds, or a date in words; a date without zone is the source's, and one that cannot be read is none. */
function stampOf(keys: ReadonlyMap<string, string>, { zone }: Scope): number | undefined {
  for (const key of ['rt', 'end', 'start', 'deviceReceiptTime']) {
    const text = keys.get(key)?.trim();
    if (text === undefined || text === '') continue;
    const stamp = /^\d{10,19}$/.test(text) ? epochTime(Number(text)) : isoTime(inIso(text), zone);
    if (typeof stamp === 'number') return stamp;
  }
  return undefined;
}

/** `Jan 15 2026 10:05:03.250 UTC` as ISO 8601 writes it; other text as it is. */
function inIso(text: string): string {
  const part = /^([A-Z][a-z]{2}) +(\d{1,2}) (\d{4}) (\d\d:\d\d:\d\d(?:\.\d{1,9})?)(?: ([A-Z]{3}|[+-]\d\d:?\d\d))?$/.exec(text);
  if (!part) return text;
  const month = String(monthAt(part[1]!, 0)).padStart(2, '0');
  return `${part[3]}-${month}-${part[2]!.padStart(2, '0')}T${part[4]}${part[5] === undefined ? '' : part[5] === 'UTC' || part[5] === 'GMT' ? 'Z' : part[5]}`;
}

/** A target, or as Imperva writes it the host and the path without a scheme. */
function fillRequested(event: LogEvent, target: string): void {
  const host = /^(?:[a-z\d](?:[a-z\d-]{0,62}\.){1,16}[a-z]{2,63})(?::\d{1,5})?(?=\/)/i.exec(target)?.[0];
  if (host !== undefined) fillHost(event, host);
  fillTarget(event, host === undefined ? target : target.slice(host.length));
}
