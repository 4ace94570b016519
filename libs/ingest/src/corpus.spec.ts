import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toDocument, type JsonObject, type JsonValue } from '#ecs';
import { batchOf, ingestFor } from './spec-kit.js';
import { isObject, valueAt, valuePath } from './formats/json/records/value-path.js';

// Cases that others wrote for their own parsers. Read only where they lie beside the checkout; they are not part of it.
const data = new URL('../../../../shared/data/integrations/', import.meta.url);

/** Access and identity, by package and data stream, with the share of core values that must agree. */
const streams: Readonly<Record<string, number>> = {
  'apache/access': 0.95,
  'apache_tomcat/access': 0.95,
  'aws/cloudtrail': 0.95,
  'aws/s3access': 0.95,
  'haproxy/log': 0.95,
  'iis/access': 0.95,
  'istio/access_logs': 0.95,
  'modsecurity/auditlog': 0.95,
  'nginx/access': 0.95,
  'nginx_ingress_controller/access': 0.95,
  'traefik/access': 0.95,
  'atlassian_confluence/audit': 0.95,
  'atlassian_jira/audit': 0.95,
  // One record, which they file under network and we under web, as every request.
  'cloudflare/logpull': 0.8,
  'cloudflare/audit': 0.95,
  // One record of three values, whose outcome they leave open.
  'gcp/audit': 0.6,
  // Two records; what was done to users we file under iam, and they under configuration.
  '1password/audit_events': 0.75,
  'auth0/logs': 0.95,
  'azure/signinlogs': 0.95,
  'cisco_duo/auth': 0.95,
  'forgerock/am_access': 0.95,
  'forgerock/am_authentication': 0.95,
  'github/audit': 0.95,
  'google_workspace/admin': 0.95,
  'google_workspace/user_accounts': 0.95,
  // Two of the records are no JSON.
  'o365/audit': 0.94,
  'okta/system': 0.95,
  'ping_one/audit': 0.95,
  'salesforce/login_rest': 0.95,
  // Two records; of one they take the time of the anomaly, and we the time of the entry.
  'slack/audit': 0.8,
};
/** Cases whose expected documents do not follow the raw lines one by one cannot be compared. */
const unaligned = existsSync(data)
  ? new Set(
      readFileSync(new URL('../index.jsonl', data), 'utf8')
        .split('\n')
        .filter((line) => line.includes('"aligned": false'))
        .map((line) => (JSON.parse(line) as { id: string }).id),
    )
  : new Set<string>();

const core = [
  '@timestamp',
  'source.ip',
  'http.request.method',
  'http.response.status_code',
  'url.path',
  'user.name',
  'event.outcome',
  'event.category',
];
const places = core.map(valuePath);

function foldersOf(): string[] {
  return readdirSync(data).flatMap((group) => readdirSync(new URL(`${group}/`, data)).map((stream) => `${group}/${stream}`));
}

interface Tally {
  agreed: number;
  wanted: number;
  readonly misses: string[];
}

function check(stream: string): Tally {
  const tally: Tally = { agreed: 0, wanted: 0, misses: [] };
  const folder = new URL(`${stream}/`, data);
  for (const name of readdirSync(folder)) {
    if (unaligned.has(`${stream}/${name}`)) continue;
    const files = readdirSync(new URL(`${name}/`, folder));
    if (!files.includes('expected.json')) continue;
    const raw = files.find((file) => !file.startsWith('expected') && !file.startsWith('pipeline'))!;
    const lines = linesOf(raw, readFileSync(new URL(`${name}/${raw}`, folder), 'utf8'));
    const { expected } = JSON.parse(readFileSync(new URL(`${name}/expected.json`, folder), 'utf8')) as { expected: (JsonObject | null)[] };
    expected.forEach((document, nth) => document && lines[nth] !== undefined && compare(tally, document, lines[nth], `${name}:${nth + 1}`));
  }
  return tally;
}

/** The records as a source would deliver them: Elastic's wrapper `json` taken off. */
function linesOf(file: string, text: string): string[] {
  if (!file.endsWith('.json')) return text.split('\n').filter((line) => line.trim() !== '');
  const { events } = JSON.parse(text) as { events: JsonObject[] };
  return events.map((event) => {
    const inner = event['json'] ?? event;
    if (isObject(inner) && isObject(inner['event']) && typeof inner['event']['original'] === 'string') {
      const { original } = inner['event'];
      // Some originals were pasted together by hand and are no JSON; the record itself stands beside them.
      const record = Object.entries(inner).find(([key, value]) => key !== 'event' && isObject(value))?.[1];
      return record === undefined || isJson(original) ? original : JSON.stringify(record);
    }
    return isObject(inner) && typeof inner['message'] === 'string' && Object.keys(inner).length <= 2
      ? inner['message']
      : JSON.stringify(inner);
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function compare(tally: Tally, expected: JsonObject, line: string, label: string): void {
  const { events, deadLetters, index } = { ...ingestFor({}), ...read(line) };
  const found = events[0] ? toDocument(events[0], index) : {};
  core.forEach((field, nth) => {
    const want = valueAt(expected, places[nth]!);
    if (want === undefined) return;
    const got = valueAt(found, places[nth]!);
    tally.wanted++;
    if (agrees(field, want, got)) tally.agreed++;
    else tally.misses.push(`${label} ${field}: want ${JSON.stringify(want)}, got ${JSON.stringify(got)} ${deadLetters[0]?.message ?? ''}`);
  });
}

function read(line: string): ReturnType<ReturnType<typeof ingestFor>['ingest']> & { index: ReturnType<typeof ingestFor>['index'] } {
  const ingest = ingestFor({ timeZone: 'UTC' }, { eager: 'all' });
  return { ...ingest.ingest(batchOf(line)), index: ingest.index };
}

/** Times to the millisecond; categories agree where one of theirs is among ours: a set of words is a matter of taste. */
function agrees(field: string, want: JsonValue, got: JsonValue | undefined): boolean {
  if (field === '@timestamp') return typeof got === 'string' && typeof want === 'string' && sameTime(Date.parse(want), Date.parse(got));
  if (field === 'event.category') {
    const theirs = Array.isArray(want) ? want : [want];
    return Array.isArray(got) && theirs.some((word) => got.includes(word));
  }
  if (field === 'user.name') return typeof got === 'string' && typeof want === 'string' && sameUser(want.toLowerCase(), got.toLowerCase());
  return JSON.stringify(got) === JSON.stringify(want);
}

/** To the millisecond; to the second where they took a stamp of whole seconds and the record holds a finer one. */
function sameTime(want: number, got: number): boolean {
  return want === got || (want % 1000 === 0 && Math.floor(got / 1000) * 1000 === want);
}

/** Some packages keep the part of an address before the @. */
function sameUser(want: string, got: string): boolean {
  return want === got || got.split('@', 1)[0] === want;
}

describe.skipIf(!existsSync(data))('the corpus of others', () => {
  const rows: string[] = [];
  // With CORPUS every package is shown, with nothing asked of those that are neither access nor identity.
  const all = process.env['CORPUS'] === undefined ? {} : Object.fromEntries(foldersOf().map((stream) => [stream, 0]));

  it.each(Object.entries({ ...all, ...streams }))('%s agrees in its core fields', (stream, share) => {
    const { agreed, wanted, misses } = check(stream);
    rows.push(
      `${stream.padEnd(34)} ${String(agreed).padStart(5)} of ${String(wanted).padStart(5)}  ${((100 * agreed) / wanted).toFixed(1).padStart(5)} %`,
    );
    if (process.env['CORPUS'] !== undefined)
      process.stdout.write(`${rows.at(-1)!}\n${process.env['CORPUS'] === 'misses' ? `${misses.slice(0, 25).join('\n')}\n` : ''}`);
    expect(wanted === 0 ? 1 : agreed / wanted, misses.slice(0, 10).join('\n')).toBeGreaterThanOrEqual(share);
  });
});
