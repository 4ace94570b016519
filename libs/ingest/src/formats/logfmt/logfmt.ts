import { failed, quoted } from '../../failure.js';
import { closingQuote } from '../../http/quoted-field.js';
import type { Parse } from '../format.js';

const key = /[A-Za-z@_][\w.@/-]{0,127}=/y;
const maxPairs = 200;
const begins = /^[A-Za-z@_][\w.@/-]{0,127}=(?:"|\S)/;
const times = /(?:^| )(?:time|ts|timestamp|@timestamp|t|date|datetime|at|level|lvl|severity|msg|message|method)=/;

/** Whether a line is made of `key=value` pairs, at least two, and one that logs have. */
export function looksLikeLogfmt(line: string): boolean {
  if (!begins.test(line)) return false;
  const start = line.slice(0, 4096);
  return times.test(start) && (pairs(start, 2)?.length ?? 0) >= 2;
}

/** logfmt (`time=… level=info method=GET path=/`): read as the JSON object with the same keys, so the usual names and a mapping serve it too. */
export function logfmtParser(json: Parse): Parse {
  return (line, event, scope) => {
    const found = pairs(line, maxPairs);
    if (!found || found.length < 2) return failed('line_shape', `Expected key=value pairs, found ${quoted(line)}.`);
    const tree: Record<string, string | number> = Object.create(null) as Record<string, string | number>;
    for (const [name, text] of found) {
      // Heroku's router: how long the service took, and the level.
      if (name === 'service' && /^\d{1,9}ms$/.test(text)) tree['duration_ms'] = Number(text.slice(0, -2));
      else if (name === 'at' && /^(?:info|warning|error)$/.test(text)) tree['level'] = text;
      else {
        const key = longNames.get(name) ?? name;
        if (!(key in tree)) tree[key] = text;
      }
    }
    // Heroku's router appends the peer that it saw to what the caller sent.
    const { fwd } = Object.fromEntries(found);
    if (fwd !== undefined && 'dyno' in tree) tree['remote_addr'] ??= fwd.slice(fwd.lastIndexOf(',') + 1).trim();
    const stamp = scope.framed ?? (isTimeless(tree) ? scope.arrival : undefined);
    if (stamp !== undefined && !timeKeys.some((name) => name in tree)) tree['@timestamp'] = stamp;
    return json(JSON.stringify(tree), event, scope);
  };
}

// Heroku's router, Grafana and the like.
const longNames: ReadonlyMap<string, string> = new Map([
  ['t', 'time'],
  ['lvl', 'level'],
  ['fwd', 'x_forwarded_for'],
  ['uname', 'username'],
  ['error', 'error.message'],
  ['err', 'error.message'],
]);
const timeKeys = ['time', 'ts', 'timestamp', '@timestamp', 'date', 'datetime'];

/** Lograge and Heroku's router leave the time to whoever writes the line down. */
function isTimeless(tree: Readonly<Record<string, unknown>>): boolean {
  return 'path' in tree && 'method' in tree && (('controller' in tree && 'action' in tree) || 'dyno' in tree);
}

/** The pairs of a line, or nothing where something stands between them that is none. Bare words are flags, and let be. */
function pairs(line: string, most: number): [string, string][] | undefined {
  const found: [string, string][] = [];
  let at = 0;
  let flags = 0;
  while (at < line.length && found.length < most) {
    if (line.charCodeAt(at) === 32) {
      at++;
      continue;
    }
    key.lastIndex = at;
    const part = key.exec(line);
    if (!part) {
      const blank = line.indexOf(' ', at);
      if (++flags > 3) return undefined;
      at = blank < 0 ? line.length : blank;
      continue;
    }
    const from = at + part[0].length;
    const quote = line.charCodeAt(from) === 34;
    const close = quote ? closingQuote(line, from + 1) : line.indexOf(' ', from);
    const end = close < 0 ? line.length : close;
    const text = line.slice(quote ? from + 1 : from, end);
    found.push([part[0].slice(0, -1), quote && text.includes('\\') ? unescaped(text) : text]);
    at = quote ? end + 1 : end;
  }
  return found;
}

function unescaped(text: string): string {
  return text.replace(/\\(["\\nrt])/g, (_, one: string) => (one === 'n' ? '\n' : one === 't' ? '\t' : one === 'r' ? '\r' : one));
}
