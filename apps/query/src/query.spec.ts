import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Event, type Evidence, type JsonObject } from '#ecs';
import { createHttp, KeyRing, type Http, type HttpParts } from '#http';
import type { EventStore } from '#query';
import { noMetrics, ServiceError, silentLogger } from '#telemetry';
import { FakeClock, sampleSignal } from '#testkit';
import { checks } from './checks.js';
import { readQueryConfig } from './config.js';
import { QueryModule } from './query.module.js';

const clock = new FakeClock(Date.UTC(2026, 10, 22, 12));
const directory = mkdtempSync(join(tmpdir(), 'gatewatch-query-'));
const keysFile = join(directory, 'keys.json');
const keys = KeyRing.ofFile(keysFile, clock);
const evidence: Evidence[] = [{ offset: 3, time: 0, id: 'e1' }];
const signal = sampleSignal({ id: 's1', evidence });
let away = false;
const stored = new Event(0, 2000, 'web', { tag: 'abcdefghijkl', position: 7 });
const store: EventStore = {
  async *sweep() {
    yield await Promise.resolve([stored]);
  },
  searchEvents: () =>
    away
      ? Promise.reject(new ServiceError('elastic_unreachable', 'Elasticsearch does not answer', { retryable: true }))
      : Promise.resolve({ found: [{ event: { id: 'e1' } }], cursor: 'next' }),
  searchSignals: () => Promise.resolve({ found: [signal] }),
  searchDeadLetters: () => Promise.resolve({ found: [] }),
  event: (id) => Promise.resolve(id === 'e1' ? { event: { id } } : undefined),
  signal: (id) => Promise.resolve(id === 's1' ? signal : undefined),
  eventsOf: (asked) => Promise.resolve(asked.map(({ id }) => ({ event: { id: id ?? '' } }))),
};
const health = () => Promise.resolve(away ? { answers: false, reason: 'no answer' } : { answers: true, cluster: 'green' });
let said: JsonObject[] = [];
const parts: HttpParts & { coverage: () => Promise<JsonObject[]> } = {
  events: store,
  coverage: () => Promise.resolve(said),
  keys,
  checks: checks({ health }, keys, keysFile),
  metrics: noMetrics,
  renderMetrics: () => Promise.resolve('x 1\n'),
  clock,
  logger: silentLogger,
  settings: { allowPublic: false, maxConnections: 16, maxSweeps: 1 },
};
const made: Record<string, string> = {};
let base = '';
let http: Http;

beforeAll(async () => {
  http = await createHttp(QueryModule.with(parts), parts);
  base = await http.listen('127.0.0.1', 0);
});
afterAll(() => http.close());

async function ask(path: string, key = 'read', method = 'GET'): Promise<[number, Record<string, unknown>]> {
  const answer = await fetch(base + path, { method, headers: made[key] ? { authorization: `Bearer ${made[key]}` } : {} });
  return [answer.status, (await answer.json()) as Record<string, unknown>];
}

describe('the process that answers from Elasticsearch', () => {
  it('starts without a key file, says so, and finds the file when it comes', async () => {
    expect(await parts.checks[1]!.run()).toMatchObject({
      status: 'warn',
      message: expect.stringContaining(`--file ${keysFile}`) as string,
    });
    const others = KeyRing.ofFile(keysFile, clock);
    for (const scope of ['read', 'logs:write', 'admin'] as const) made[scope] = others.add(scope, scope).text.reveal();
    expect((await ask('/v1/events'))[0]).toBe(401);
    await clock.advance(1000);
    expect(await ask('/v1/events')).toEqual([200, { data: [{ event: { id: 'e1' } }], next_cursor: 'next' }]);
    expect(await parts.checks[1]!.run()).toMatchObject({ status: 'ok', facts: { usable: 2 } });
  });

  it('gives a signal with the events that its evidence names', async () => {
    expect(await ask('/v1/signals/s1')).toMatchObject([200, { data: { event: { id: 's1' } }, evidence: [{ event: { id: 'e1' } }] }]);
  });

  it.each([
    ['/v1/notifications', 'read', 'GET', /outbox of `gatewatch alerting`/],
    ['/v1/logs', 'logs:write', 'POST', /Nothing was accepted/],
    ['/v1/otlp/v1/logs', 'logs:write', 'POST', /Nothing was accepted/],
    ['/v1/keys', 'admin', 'GET', /only read here/],
    ['/v1/keys', 'admin', 'POST', /only read here/],
    ['/v1/keys/abc', 'admin', 'DELETE', /only read here/],
  ])('says where the answer is that it does not have: %s', async (path, key, method, detail) => {
    expect((await ask(path, 'nobody', method))[0]).toBe(401);
    expect(await ask(path, key, method)).toMatchObject([
      501,
      { type: 'urn:gatewatch:problem:not_in_this_mode', detail: expect.stringMatching(detail) as string },
    ]);
  });

  it('gives all stored events to those who run rules over them again', async () => {
    expect((await fetch(`${base}/v1/sweep`)).status).toBe(401);
    const answer = await fetch(`${base}/v1/sweep?field=user.name`, { headers: { authorization: `Bearer ${made['read']}` } });
    const line = { offset: 0, arrival: 2000, source: 'web', identity: stored.identity, time: 0, stamp: 0, fields: {} };
    expect(await answer.text()).toBe(`${JSON.stringify(line)}\n{"end":true}\n`);
  });

  it('puts together what all detectors say of coverage, and waits for the last of them', async () => {
    const at = Date.UTC(2026, 10, 22, 10);
    const minutes = [[at, at + 3_600_000]];
    const ledger = {
      up: [[at, at + 3_600_000]],
      rules: { 'rule-1': { name: 'burst', versions: [['v1', null, null]] } },
      sources: { web: { minutes, late: [] } },
      evicted: {},
      silences: [],
    };
    said = [{ places: 2, watermark: at + 3_000_000, evicted: {}, ledger }];
    expect((await ask('/v1/coverage'))[0]).toBe(404);
    said = [...said, { places: 2, watermark: at + 1_800_000, evicted: { 'rule-1': [[at, at + 60_000, 7]] } }];
    const [status, { data }] = await ask('/v1/coverage?rule=burst&from=2026-11-22T10:00:00Z&to=2026-11-22T11:00:00Z');
    expect([status, data]).toEqual([
      200,
      expect.objectContaining({
        watermark: '2026-11-22T10:30:00.000Z',
        rules: [
          {
            rule: 'rule-1',
            name: 'burst',
            versions: [{ version: 'v1', from: '2026-11-22T10:00:00.000Z', to: '2026-11-22T10:30:00.000Z' }],
            holes: [
              { from: '2026-11-22T10:00:00.000Z', to: '2026-11-22T10:01:00.000Z', reason: 'evicted', count: 7 },
              { from: '2026-11-22T10:30:00.000Z', to: '2026-11-22T11:00:00.000Z', reason: 'not_yet' },
            ],
          },
        ],
      }),
    ]);
    expect((await ask('/v1/coverage?rule=other'))[0]).toBe(404);
  });

  it('is not ready while Elasticsearch does not answer, and tells the asker to come again', async () => {
    expect(await ask('/health/ready')).toEqual([200, { status: 'ok', failing: [] }]);
    away = true;
    expect(await ask('/health/ready')).toEqual([503, { status: 'fail', failing: ['elasticsearch'] }]);
    expect(await ask('/v1/events')).toMatchObject([503, { type: 'urn:gatewatch:problem:elastic_unreachable' }]);
    away = false;
  });

  it('documents what it answers and nothing else', async () => {
    const [, { paths, tags }] = await ask('/openapi.json');
    expect(Object.keys(paths as object).sort()).toEqual([
      '/health',
      '/health/live',
      '/health/ready',
      '/metrics',
      '/v1/coverage',
      '/v1/dead-letters',
      '/v1/events',
      '/v1/events/{id}',
      '/v1/signals',
      '/v1/signals/{id}',
      '/v1/sweep',
    ]);
    expect((tags as { name: string }[]).map(({ name }) => name)).toEqual(['read', 'service']);
  });

  it('writes nothing beside the key file', () => {
    expect(readdirSync(directory)).toEqual(['keys.json']);
  });
});

describe('its configuration', () => {
  const file = join(import.meta.dirname, '../../../deploy/gatewatch.yml');

  it('is its part of the common file, whose other parts it leaves to others', () => {
    const env = { GATEWATCH_PASSWORD: 'x', GATEWATCH_HASH_KEY: 'y', GATEWATCH__QUERY__PORT: '7771' };
    expect(readQueryConfig(file, env)).toMatchObject({
      ok: true,
      value: { query: { port: 7771 }, elasticsearch: { username: 'gatewatch' } },
    });
  });

  it('refuses a key that it does not know', () => {
    const result = readQueryConfig(file, { GATEWATCH_PASSWORD: 'x', GATEWATCH_HASH_KEY: 'y', GATEWATCH__QUERRY__PORT: '1' });
    expect(result).toMatchObject({ ok: false, problems: [{ message: 'no such key' }] });
  });
});
