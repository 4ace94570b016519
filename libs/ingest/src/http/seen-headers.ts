import type { JsonObject, JsonValue } from '#ecs';
import type { LogEvent } from '../log-event.js';

/** A list of addresses that the log itself has in the client's place: the nearest hop last. */
export const chainHeader = '@chain';
export const xForwardedFor = 'x-forwarded-for';

const longest = 8192;

/** Remembers a request header that a line names. The first one of a name counts. */
export function noteHeader(event: LogEvent, name: string, text: string): void {
  if (text === '' || text === '-' || text.length > longest) return;
  event.headers ??= Object.create(null) as Record<string, string>;
  event.headers[name] ??= text;
}

/** A header of the request: what the parser noted, else what the record has under that name. */
export function headerOf({ headers, record }: LogEvent, name: string): string | undefined {
  const noted = headers?.[name];
  if (noted !== undefined) return noted;
  return record === undefined ? undefined : findHeader(record, name, 0);
}

/** Places whose keys the caller chose, and what others answered. */
const foreign =
  /^(?:.*[._-])?(?:body|query|querystring|query_string|params|parameters|args|arguments|payload|form|response|res|resp|cookies|upstream)$/i;
const deepest = 5;

/** Looks through a record for a header: `x_forwarded_for`, `http_x_forwarded_for`, `request.headers.X-Forwarded-For`, `[{ name, value }]`. */
function findHeader(tree: JsonObject, name: string, depth: number): string | undefined {
  for (const key of Object.keys(tree)) {
    if (sameHeader(key, name)) {
      const text = textOf(tree[key]!);
      if (text !== undefined) return text;
    }
  }
  if (depth >= deepest) return undefined;
  for (const key of Object.keys(tree)) {
    const value = tree[key]!;
    if (typeof value !== 'object' || value === null || foreign.test(key)) continue;
    const found = Array.isArray(value) ? findPair(value, name) : findHeader(value, name, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** AWS WAF and others write headers as a list of names and values. */
function findPair(list: readonly JsonValue[], name: string): string | undefined {
  for (const pair of list.slice(0, 200)) {
    if (typeof pair !== 'object' || pair === null || Array.isArray(pair)) continue;
    const key = pair['name'] ?? pair['key'] ?? pair['Name'];
    if (typeof key === 'string' && sameHeader(key, name)) return textOf(pair['value'] ?? pair['Value'] ?? null);
  }
  return undefined;
}

/** Whether a key names the header, alone or with what gateways put before it (`http_`, `request_`, `req.headers.`). */
export function sameHeader(key: string, name: string): boolean {
  const shorter = key.length - name.length;
  if (shorter < 0 || shorter > 24) return false;
  for (let i = 0; i < name.length; i++) {
    const code = key.charCodeAt(shorter + i);
    const plain = code >= 65 && code <= 90 ? code + 32 : code === 95 ? 45 : code;
    if (plain !== name.charCodeAt(i)) return false;
  }
  return shorter === 0 || prefixes.test(key.slice(0, shorter));
}
const prefixes = /^(?:(?:http|httprequest|request|req|client_?request|downstream|headers?|in|cs)[._-]?)+\(?$/i;

/** Several headers of one name are one list (RFC 9110, 5.3). */
function textOf(value: JsonValue): string | undefined {
  const text = Array.isArray(value) ? value.filter((part) => typeof part === 'string').join(', ') : value;
  return typeof text === 'string' && text !== '' && text !== '-' && text.length <= longest ? text : undefined;
}
