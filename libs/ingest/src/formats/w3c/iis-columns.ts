import { statusOf } from '../../http/columns.js';
import { compileW3cFields, type W3cFields } from './fields.js';

const cache = new Map<string, W3cFields>();
const maxCached = 256;
const method = /^(?:[A-Z][A-Z_-]{1,31}|-)$/;
const number = /^\d{1,15}$/;

/**
 * Tells the columns of a line by their number and looks, since the `#Fields:` line is not at hand. IIS keeps its order whatever is switched off, so
 * site, computer and address before the method, version, cookie, referrer and host around the user agent, and sizes behind the status can be told
 * apart. `undefined` where method or status cannot be found.
 */
export function iisColumns(words: readonly string[]): W3cFields | undefined {
  let verb = 2;
  while (verb <= 5 && !(method.test(words[verb]!) && /^[/*-]/.test(words[verb + 1] ?? '') && number.test(words[verb + 3] ?? ''))) verb++;
  if (verb > 5) return undefined;
  const after = verb + 6;
  let status = after;
  while (
    status < words.length &&
    !(statusOf(words[status]) !== undefined && number.test(words[status + 1] ?? '') && number.test(words[status + 2] ?? ''))
  )
    status++;
  if (status - after > 5 || status >= words.length) return undefined;
  const names = [
    'date time',
    before(words.slice(2, verb)),
    'cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip',
    middle(words.slice(after, status)),
    'sc-status sc-substatus sc-win32-status',
    behind(words.slice(status + 3)),
  ].join(' ');
  return compiled(names);
}

/** `W3SVC1 COMPUTER 10.0.0.1`, each of which may be missing. */
function before(words: readonly string[]): string {
  return words
    .map((word, i) =>
      /^[\d.]+$|:/.test(word) ? 's-ip' : i === 0 && (/^W3SVC\d*$/i.test(word) || words.length === 3) ? 's-sitename' : 's-computername',
    )
    .join(' ');
}

/** `HTTP/1.1 agent cookie referrer host`: the agent alone, agent and referrer (the default), or more. */
function middle(words: readonly string[]): string {
  const version = words[0]?.startsWith('HTTP/') ? ['cs-version'] : [];
  const rest = words.slice(version.length);
  const names =
    rest.length <= 1
      ? ['cs(user-agent)']
      : rest.length === 2
        ? ['cs(user-agent)', isHost(rest[1]!) ? 'cs-host' : 'cs(referer)']
        : rest.length === 3
          ? /^https?:/i.test(rest[1]!) || isHost(rest[2]!)
            ? ['cs(user-agent)', 'cs(referer)', 'cs-host']
            : ['cs(user-agent)', 'cs(cookie)', 'cs(referer)']
          : ['cs(user-agent)', 'cs(cookie)', 'cs(referer)', 'cs-host'];
  return [...version, ...names.slice(0, rest.length)].join(' ');
}

/** A host, where a referrer has a scheme and a cookie has names. */
function isHost(word: string): boolean {
  return /^(?:[a-z\d](?:[a-z\d-]{0,62}\.){1,16}[a-z\d-]{2,63}|localhost)(?::\d{1,5})?$/i.test(word);
}

/** Nothing, the time, or sizes and time, and whatever a custom field added: an address there was forwarded. */
function behind(words: readonly string[]): string {
  let numbers = 0;
  while (numbers < 3 && number.test(words[numbers] ?? '')) numbers++;
  const names =
    numbers === 0 ? [] : numbers === 1 ? ['time-taken'] : numbers === 2 ? ['sc-bytes', 'cs-bytes'] : ['sc-bytes', 'cs-bytes', 'time-taken'];
  const more = words.slice(numbers).map((word) => (/^[\da-f.]{7,}|:.*:/i.test(word) ? 'x-forwarded-for' : 'x-custom'));
  const first = more.indexOf('x-forwarded-for');
  return [...names, ...more.map((name, i) => (i === first ? name : 'x-custom'))].join(' ');
}

/** A pure cache: a server has one set, so the same names come again with each line. */
function compiled(names: string): W3cFields | undefined {
  const known = cache.get(names);
  if (known) return known;
  const result = compileW3cFields(names);
  if (!result.ok) return undefined;
  if (cache.size >= maxCached) cache.clear();
  cache.set(names, result.fields);
  return result.fields;
}
