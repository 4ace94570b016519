import { isUtf8 } from 'node:buffer';

/**
 * Cuts a JSON document that holds many records (a list, or an object around one: CloudTrail's `Records`, Azure's `records`, Microsoft Graph's `value`,
 * event hooks' `data.events`, OTLP's `resourceLogs`) into one line each, so that each has its own place and its own outcome. Belongs before
 * the log, where records get their numbers. A record's text stays as it was sent but for line breaks between its tokens, which become blanks: numbers keep
 * their digits, and ids derived from bytes stay stable.
 * @returns the lines, or `undefined` where the text is no such document: then it is what it is, one line a record.
 */
export function splitRecords(text: string): string[] | undefined {
  const start = skipBlank(text, 0);
  const first = text.charCodeAt(start);
  if (first === bracket) {
    const list = listAt(text, start);
    return list && skipBlank(text, list.end) === text.length ? list.items.flatMap(oneEventEach) : undefined;
  }
  if (first !== brace) return undefined;
  if (text.includes('"applicationName"')) {
    const lines = oneEventEach(text);
    if (lines.length > 1) return lines;
  }
  const otlp = otlpLines(text, start);
  if (otlp) return otlp;
  const list = listIn(text, start, 0);
  // Of lists that stand as lines of NDJSON only one whole document is cut here.
  return list && skipBlank(text, list.end) === text.length ? list.items.flatMap(oneEventEach) : undefined;
}

/** How a document begins that may hold many records; anything else need not be looked at. */
const beginning =
  /^\s*(?:\[\s*[{\]]|\{\s*"(?:Records|records|value|events|logs|logEvents|resourceLogs|items|entries|authlogs|authlogs_v2|activities|nextToken|nextPageToken|response_metadata|messageType|owner|eventType|eventTypeVersion|cloudEventsVersion|metadata|metadata_v2|kind|data|@odata[\w.]*)"\s*:)/;

/** A message as `splitRecords` cuts it, after a cheap look at its first bytes; nothing where it is no such document, or no UTF-8. */
export function splitMessage(message: Buffer): string[] | undefined {
  if (!beginning.test(message.toString('latin1', 0, 200)) || !isUtf8(message)) return undefined;
  const records = splitRecords(message.toString('utf8'));
  // A list of something else is no list of records.
  return records?.every((record) => record.startsWith('{')) ? records : undefined;
}

const bracket = 91;
const brace = 123;
const quote = 34;
const lists = new Set([
  'Records',
  'records',
  'value',
  'events',
  'logs',
  'logEvents',
  'items',
  'entries',
  'authlogs',
  'authlogs_v2',
  'activities',
  'result',
  'response',
  'data',
]);
const wrappers = new Set(['data', 'response', '_embedded']);
/** What may stand beside the list: pages, counts, who sends. Any other key says that the object is a record of its own, which happens to hold a list. */
const beside = new Set(
  'nextToken nextPageToken nextRecordsUrl response_metadata result_info success errors messages totalSize done offset limit object continuationToken next cursor kind etag stat metadata metadata_v2 status size count total total_objects has_more _links eventType eventTypeVersion cloudEventsVersion source contentType eventId eventTime logGroup logStream owner messageType subscriptionFilters'.split(
    ' ',
  ),
);

interface Cut {
  readonly items: string[];
  /** Behind the document that held the list. */
  readonly end: number;
}

/** The list that an object wraps: all keys are looked at, since `nextToken` and its like stand before and behind. */
function listIn(text: string, start: number, depth: number): Cut | undefined {
  let found: string[] | undefined;
  let at = skipBlank(text, start + 1);
  while (text.charCodeAt(at) === quote) {
    const keyEnd = stringEnd(text, at);
    const key = text.slice(at + 1, keyEnd - 1);
    at = skipBlank(text, skipBlank(text, keyEnd) + 1);
    const end = valueEnd(text, at);
    if (end < 0) return undefined;
    const code = text.charCodeAt(at);
    if (!lists.has(key) && !wrappers.has(key) && !beside.has(key) && !key.startsWith('@odata.')) return undefined;
    if (found === undefined && code === bracket && lists.has(key)) {
      const cut = listAt(text, at);
      if (cut?.items.every((item) => item.startsWith('{'))) found = cut.items;
    } else if (found === undefined && depth === 0 && code === brace && wrappers.has(key)) found = listIn(text, at, 1)?.items;
    at = skipBlank(text, end);
    if (text.charCodeAt(at) !== 44) break;
    at = skipBlank(text, at + 1);
  }
  if (text.charCodeAt(at) !== 125 || found === undefined) return undefined;
  return { items: found, end: at + 1 };
}

function listAt(text: string, start: number): Cut | undefined {
  const items: string[] = [];
  let at = skipBlank(text, start + 1);
  while (at < text.length && text.charCodeAt(at) !== 93) {
    const end = valueEnd(text, at);
    if (end < 0) return undefined;
    items.push(oneLine(text.slice(at, end)));
    at = skipBlank(text, end);
    if (text.charCodeAt(at) === 44) at = skipBlank(text, at + 1);
    else if (text.charCodeAt(at) !== 93) return undefined;
  }
  return at < text.length ? { items, end: at + 1 } : undefined;
}

/** An activity of Google Workspace lists its events beside what they share: each takes it along. */
function oneEventEach(line: string): string[] {
  if (!line.includes('"applicationName"') || !line.includes('"events"')) return [line];
  try {
    const activity = JSON.parse(line) as { readonly events?: unknown };
    const { events } = activity;
    if (!Array.isArray(events) || events.length < 2) return [line];
    return events.map((event: unknown) => JSON.stringify({ ...activity, events: [event] }));
  } catch {
    // Several lines, or no JSON: as it is.
    return [line];
  }
}

/** Strings hold no raw line breaks in JSON, so each is between tokens. */
function oneLine(item: string): string {
  return /[\r\n]/.test(item) ? item.replace(/[ \t]*[\r\n]+[ \t]*/g, ' ') : item;
}

/** Index behind the value at a place, or -1 where it does not end. One pass; nothing is parsed. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = stringEnd(text, at) - 1;
      if (at < start) return -1;
      if (depth === 0) return at + 1;
    } else if (code === brace || code === bracket) depth++;
    else if (code === 125 || code === 93) {
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (depth === 0 && (code === 44 || code <= 32)) return at;
  }
  return -1;
}

/** Index behind the closing quote; 0 where there is none. */
function stringEnd(text: string, start: number): number {
  let at = text.indexOf('"', start + 1);
  while (at >= 0) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === 92) slashes++;
    if (slashes % 2 === 0) return at + 1;
    at = text.indexOf('"', at + 1);
  }
  return 0;
}

function skipBlank(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= 32) at++;
  return at;
}

interface OtlpLogs {
  readonly resourceLogs: readonly {
    readonly resource?: unknown;
    readonly scopeLogs?: readonly { readonly scope?: unknown; readonly logRecords?: readonly object[] }[];
  }[];
}

/** OTLP's three levels are unfolded: each record takes its resource along. Numbers of 64 bits are text in OTLP's JSON, so nothing is lost by parsing. */
function otlpLines(text: string, start: number): string[] | undefined {
  if (!/^\{\s*"resourceLogs"\s*:/.test(text.slice(start, start + 64))) return undefined;
  try {
    const { resourceLogs } = JSON.parse(text) as OtlpLogs;
    return resourceLogs.flatMap(({ resource, scopeLogs = [] }) =>
      scopeLogs.flatMap(({ scope, logRecords = [] }) =>
        logRecords.map((record) =>
          JSON.stringify({ ...record, ...(resource !== undefined && { resource }), ...(scope !== undefined && { scope }) }),
        ),
      ),
    );
  } catch {
    // No such document after all; the line becomes a dead letter that says what is wrong.
    return undefined;
  }
}
