import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '#ecs';
import { elasticsearchOrSkip, kafkaOrSkip } from '../../tools/engines/ready.js';
import { gatewatch, Service, until } from '../e2e/gatewatch-process.js';
import { ClusterProcess, difference, TestCluster, writeSettings } from './cluster-processes.js';
import { freshNamespace } from './elastic-engine.js';

/** A small day: what is compared is the answers, not the detection, which `modes` compares. */
const lines = 2000;
const prefix = 'reading';
const partitions = 2;
const hashKey = 'a key of the tests, and of nobody else';
const broken = ['', 'no log line at all', '{"@timestamp":"2026-11-19T10:00:00Z","event":', '{"event":{"action":"without a time"}}'];

const dir = mkdtempSync(join(tmpdir(), 'gatewatch-reading-'));
const [kafka, elastic] = await Promise.all([kafkaOrSkip(), elasticsearchOrSkip()]);
const running: ClusterProcess[] = [];
let service: Service | undefined;
let cluster: TestCluster | undefined;

/** One of the two that are asked the same. */
interface Asked {
  readonly url: string;
  readonly key: string;
}
/** Of what `rules backtest --json` prints. */
interface Backtest {
  readonly input: string;
  readonly events: number;
  readonly signals: number;
  readonly late: number;
}
let embedded: Asked;
let distributed: Asked;
/** Configuration of the distributed mode. */
let config: string;

interface Answer {
  readonly status: number;
  readonly body: JsonObject & { data: JsonObject[]; evidence: JsonObject[]; next_cursor: string | null };
}

async function get({ url, key }: Asked, path: string): Promise<Answer> {
  const answer = await fetch(url + path, { headers: { authorization: `Bearer ${key}` } });
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
}

/** All pages. */
async function all(asked: Asked, path: string, limit = 1000): Promise<JsonObject[]> {
  const found: JsonObject[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const more: string = cursor && `&cursor=${encodeURIComponent(cursor)}`;
    const { status, body } = await get(asked, `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${more}`);
    if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
    found.push(...body.data);
    cursor = body.next_cursor;
  }
  return found;
}

/** Where a record lies and when it came: the one thing in which two ways of delivery differ. Revisions count how often was told. */
const ofDelivery = new Set(['id', 'offset', 'arrival', 'created', 'ingested', 'revision', 'config']);

function comparable(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => comparable(one));
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(([key]) => !ofDelivery.has(key) || (key === 'id' && name !== 'event' && name !== ''));
  return Object.fromEntries(
    kept.map(([key, one]) => [key, comparable(one, key)]).sort(([a], [b]) => ((a as string) < (b as string) ? -1 : 1)),
  );
}

/** As texts, in an order that does not depend on where a record lies. */
function texts(documents: readonly JsonObject[]): string[] {
  return documents.map((document) => stated(document)).sort();
}

/**
 * What a document states. Dead letters have their arrival as time, and say which record they were. Which of its events a signal shows, and so which users
 * and addresses, may depend on the order of arrival where episodes are counted; the two modes have settings, and so provenance, of their own.
 */
function stated(document: JsonObject): string {
  const { kind } = document['event'] as { kind: string };
  if (kind === 'pipeline_error')
    return JSON.stringify(comparable({ ...document, '@timestamp': null })).replace(/record \d+, byte \d+/, 'record');
  if (kind !== 'alert') return JSON.stringify(comparable(document));
  const { message, rule, gatewatch, ...rest } = document;
  const { evidence: _, provenance: __, ...signal } = (gatewatch as { signal: JsonObject }).signal;
  return JSON.stringify(comparable({ '@timestamp': rest['@timestamp'], event: rest['event'], message, rule, signal }));
}
const times = (documents: readonly { readonly '@timestamp'?: unknown }[]): unknown[] => documents.map((document) => document['@timestamp']);
const evidenceOf = (answer: JsonObject): { id?: string; '@timestamp': string }[] =>
  (answer as never as { data: { gatewatch: { signal: { evidence: { id?: string; '@timestamp': string }[] } } } }).data.gatewatch.signal
    .evidence;
const idOf = (document: JsonObject): string => (document['event'] as JsonObject)['id'] as string;

async function startBoth(file: string): Promise<void> {
  const own = join(dir, 'embedded.yml');
  const source = { name: 'edge', time_zone: 'UTC', follow: [file] };
  const detection = { idle_after: '1h', silence: { enabled: false } };
  writeFileSync(own, JSON.stringify({ ingest: { hash_key: hashKey }, sources: [source], detection }));
  const keysFile = join(dir, 'query-keys.json');
  const added = await gatewatch(['keys', 'add', 'reader', 'read', '--file', keysFile]);
  const more = { query: { port: 0, keys_file: keysFile } };
  config = writeSettings(dir, { brokers: kafka!.brokers, elasticsearch: elastic!.url, namespace: freshNamespace(), prefix, more });
  const [started, ...processes] = await Promise.all([
    Service.start(['--config', own, '--data', join(dir, 'data')]),
    ...['query', 'ingest', 'detector'].map((name) => ClusterProcess.start(name, config)),
  ]);
  service = started;
  running.push(...processes);
  embedded = { url: service.url, key: service.keys().read };
  distributed = { url: running[0]!.url, key: added.stdout.trim() };
}

beforeAll(async () => {
  if (!kafka || !elastic) return;
  const file = join(dir, 'day.ndjson');
  const args = ['--lines', String(lines), '--format', 'ecs', '--disorder', '60s', '--duplicates', '0.02', '--seed', '7'];
  expect((await gatewatch(['generate', ...args, '--end', '2026-11-20T00:00:00Z', '--out', file])).code).toBe(0);
  writeFileSync(file, `${broken.join('\n')}\n`, { flag: 'a' });
  cluster = new TestCluster(kafka.brokers);
  await cluster.connect();
  await cluster.topic(`${prefix}-access`, partitions);
  await startBoth(file);
  await cluster.send(`${prefix}-access`, readFileSync(file, 'utf8').split('\n').filter(Boolean), partitions);
});

afterAll(async () => {
  for (const process of running) await process.end('SIGKILL');
  await service?.kill('SIGKILL');
  await cluster?.close();
  await elastic?.stop();
  await kafka?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Waits until both say the same, and say it twice: both are under way, and what is written is found with the next refresh. */
async function settled(path: string, least = 1): Promise<JsonObject[]> {
  let before = '';
  const apart = async () => {
    // Reading everything all the time would hold up those who write.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const [one, other] = await Promise.all([all(embedded, path), all(distributed, path)]);
    return { path, count: one.length, ...difference(texts(one), texts(other)) };
  };
  const equal = ({ count, missing, foreign }: Awaited<ReturnType<typeof apart>>): boolean => {
    const now = `${count} ${missing.length} ${foreign.length}`;
    const again = now === before;
    before = now;
    return again && count >= least && missing.length + foreign.length === 0;
  };
  await until(apart, equal);
  return all(distributed, path);
}

describe.skipIf(!kafka || !elastic)('the read API over Elasticsearch', () => {
  it('gives the events, dead letters and signals that the embedded mode gives', async () => {
    const events = await settled('/v1/events');
    expect(events.length).toBeGreaterThan(lines * 0.9);
    expect(times(events)).toEqual(times(events).toSorted().toReversed());
    expect(new Set(events.map(idOf)).size).toBe(events.length);
    expect(await settled('/v1/dead-letters')).toHaveLength(broken.length - 1);
    // Episodes that became part of others on the way depend on the order of arrival.
    expect((await settled('/v1/signals?status=closed')).length).toBeGreaterThan(10);
    await settled('/v1/signals?status=open', 0);
  });

  it('pages through them, whatever the size of a page', async () => {
    const path = '/v1/events?http.response.status_code=401';
    expect((await all(distributed, path, 37)).map(idOf)).toEqual((await all(distributed, path)).map(idOf));
    expect((await all(distributed, '/v1/signals', 20)).map(idOf)).toEqual((await all(distributed, '/v1/signals')).map(idOf));
  });

  it('gives each signal with the events that it names, and with no others', async () => {
    const twins = new Map((await all(embedded, '/v1/signals?status=closed')).map((document) => [stated(document), idOf(document)]));
    const tally = { shown: 0, same: 0 };
    const some = (await all(distributed, '/v1/signals?status=closed')).slice(0, 25);
    for (const signal of some) {
      expect(signal).toHaveProperty(['gatewatch', 'signal', 'provenance', 'config'], expect.stringMatching(/^[0-9a-f]{16}$/));
      const [here, there] = await Promise.all([
        get(distributed, `/v1/signals/${idOf(signal)}`),
        get(embedded, `/v1/signals/${twins.get(stated(signal))!}`),
      ]);
      const named = evidenceOf(here.body).filter(({ id }) => id !== undefined);
      expect(here.body.evidence.map(idOf)).toEqual(named.map(({ id }) => id));
      // Where episodes are counted, the time is that of the episode.
      if (/^(detection|event_count)$/.test((signal['rule'] as { category: string }).category))
        expect(times(here.body.evidence)).toEqual(times(named));
      tally.shown += named.length;
      const [own, other] = [texts(here.body.evidence), new Set(texts(there.body.evidence))];
      tally.same += own.filter((text) => other.has(text)).length;
    }
    expect(tally.shown).toBeGreaterThan(100);
    expect(tally.same / tally.shown).toBeGreaterThan(0.9);
  });

  it('answers searches, and refuses what cannot be meant, as the embedded mode does', async () => {
    const [event] = await all(distributed, '/v1/events?event.category=authentication');
    const user = ((event!['user'] as JsonObject)['name'] as string).slice(0, 3);
    for (const path of [
      '/v1/events?event.category=authentication&event.outcome=failure',
      `/v1/events?user.name=${user}*`,
      '/v1/events?source.ip=0.0.0.0/1&http.request.method=POST',
      '/v1/events?from=2026-11-19T06:00:00Z&to=2026-11-19T07:00:00Z',
      '/v1/events?http.response.status_code=401&http.response.status_code=403',
      '/v1/events?user.name=nobody-of-that-name',
      '/v1/signals?level=high&status=closed',
      '/v1/signals?status=closed&from=2026-11-19T06:00:00Z',
      '/v1/dead-letters?reason=json_syntax',
      '/v1/dead-letters?source=edge',
    ])
      expect({ path, found: texts(await all(distributed, path)) }).toEqual({ path, found: texts(await all(embedded, path)) });
    for (const path of [
      '/v1/events?limit=5000',
      '/v1/events?nonsense=1',
      '/v1/events?source.ip=10.0.0',
      '/v1/events?http.response.status_code=4xx',
      '/v1/events?from=yesterday',
      '/v1/events/nothing',
      '/v1/signals/nothing',
      '/v1/signals?status=odd',
      '/v1/nothing',
    ]) {
      const [here, there] = await Promise.all([get(distributed, path), get(embedded, path)]);
      delete here.body['request_id'];
      delete there.body['request_id'];
      expect(here).toEqual(there);
    }
    expect((await get({ ...distributed, key: 'gw_wrong' }, '/v1/events')).status).toBe(401);
    expect(await get(distributed, '/v1/notifications')).toMatchObject({ status: 501 });
  });

  it('finds one event by its id', async () => {
    const [event] = await all(distributed, '/v1/events?event.category=authentication', 1000);
    expect(await get(distributed, `/v1/events/${idOf(event!)}`)).toEqual({ status: 200, body: { data: event } });
  });

  it('lets rules run over what is stored, as the embedded mode does', async () => {
    const backtest = async ({ url, key }: Asked, file: string): Promise<Backtest> => {
      const args = ['rules', 'backtest', '--store', '--key', key, '--url', url, '--config', file, '--json'];
      const { code, stdout, stderr } = await gatewatch(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return JSON.parse(stdout) as Backtest;
    };
    const [here, there] = [await backtest(distributed, config), await backtest(embedded, join(dir, 'embedded.yml'))];
    expect(here.events).toBe((await all(distributed, '/v1/events')).length);
    // Which of two events was late depends on the way that they came.
    expect(here).toEqual({ ...there, input: here.input, late: here.late });
    expect(here.signals).toBeGreaterThan(10);
  });

  it('makes signals again from what is stored, and explains them', async () => {
    const closed = await all(distributed, '/v1/signals?status=closed');
    const counted = closed.filter((signal) => (signal['rule'] as { category: string }).category === 'event_count');
    const asked = ['--key', distributed.key, '--url', distributed.url, '--config', config];
    for (const signal of counted.slice(0, 3)) {
      const again = await gatewatch(['replay', idOf(signal), ...asked]);
      expect(again).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('comes out the same') as string });
      const { group } = (signal['gatewatch'] as { signal: { group: Record<string, string> } }).signal;
      const [[field, value] = []] = Object.entries(group);
      const why = await gatewatch(['why', (signal['rule'] as { id: string }).id, `${field}=${value}`, '--store', ...asked, '--json']);
      expect({ code: why.code, told: JSON.parse(why.stdout) as unknown }).toMatchObject({ code: 0, told: { fired: true } });
    }
    expect(counted.length).toBeGreaterThan(2);
    const own = await gatewatch(['rules', 'backtest', '--store', '--config', config]);
    expect(own).toMatchObject({ code: 1, stderr: expect.stringContaining('ask `gatewatch query` with --key') as string });
  });

  it('tells how it is, shows its documentation, and ends when it is told to', async () => {
    const [query] = running;
    expect(await get(distributed, '/health')).toMatchObject({
      status: 200,
      body: { checks: { elasticsearch: { status: 'ok' }, keys: { status: 'ok' } } },
    });
    expect((await fetch(`${distributed.url}/docs`)).status).toBe(200);
    const metrics = await fetch(`${distributed.url}/metrics`, { headers: { authorization: `Bearer ${distributed.key}` } });
    expect(await metrics.text()).toMatch(/gatewatch_http_requests_total\{route="GET \/v1\/events",status="200"\} \d+/);
    expect(await query!.end('SIGTERM')).toBe(0);
    expect(readdirSync(dir).filter((name) => name.startsWith('query-keys'))).toEqual(['query-keys.json']);
  });
});
