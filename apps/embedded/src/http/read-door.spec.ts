import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attempt, Notification, Outbox } from '#alerting';
import type { Event, JsonObject, Signal } from '#ecs';
import { createHttp, KeyRing, type Http } from '#http';
import type { DeadLetterSearch, EventSearch, EventStore, SignalSearch } from '#query';
import { noMetrics, ServiceError, silentLogger } from '#telemetry';
import { FakeClock, MemoryRecordLog } from '#testkit';
import { EmbeddedModule } from '../embedded.module.js';
import { httpConfig, httpSettings } from './config.js';
import type { DoorParts } from './parts.js';

const clock = new FakeClock(Date.UTC(2026, 10, 22, 12));
const { ring, made } = KeyRing.open({ directory: mkdtempSync(join(tmpdir(), 'gatewatch-http-')), clock, makeFirst: true });
const [admin, write, read] = made.map(({ text }) => text.reveal()) as [string, string, string];

const signal: Signal = {
  id: 's1',
  revision: 1,
  status: 'open',
  rule: {
    id: 'login-burst',
    version: '1',
    title: 'Burst',
    level: 'high',
    techniques: [],
    tags: [],
    references: [],
    falsePositives: [],
    type: 'event_count',
    asks: '10 in 5m',
  },
  group: { 'source.ip': '203.0.113.7' },
  first: 0,
  last: 1000,
  reached: 1000,
  count: 12,
  evidence: [{ offset: 3, time: 0 }],
  entities: {},
  reason: '12 failures',
  arrival: 2000,
};
const asked: { events?: EventSearch; signals?: SignalSearch; letters?: DeadLetterSearch } = {};
const events: EventStore = {
  // One batch, and then nothing until the caller leaves.
  sweep: () => sweeping(),
  searchEvents(search) {
    asked.events = search;
    if (search.cursor === 'broken') return Promise.reject(new ServiceError('query_invalid', 'The cursor "broken" is none of ours.'));
    if (search.cursor === 'trouble') return Promise.reject(new Error('secret path /home/x'));
    return Promise.resolve({ found: [{ event: { id: 'e1' } }], cursor: 'next' });
  },
  searchSignals(search) {
    asked.signals = search;
    return Promise.resolve({ found: [signal] });
  },
  searchDeadLetters(search) {
    asked.letters = search;
    return Promise.resolve({ found: [] });
  },
  event: (id) => Promise.resolve(id === 'e1' ? { event: { id } } : undefined),
  signal: (id) => Promise.resolve(id === 's1' ? signal : undefined),
  eventsOf: (evidence) => Promise.resolve(evidence.map(({ offset }): JsonObject => ({ gatewatch: { offset } }))),
};
const notification: Notification = {
  id: 'n1',
  signal,
  occasion: 'opened',
  receiver: 'team',
  channel: 'email',
  createdAt: 0,
  state: 'waiting',
  dueAt: 5000,
  attempts: 1,
};
const attempt: Attempt = { notification: 'n1', number: 1, at: 1000, outcome: 'retry', reason: 'server_error', detail: '451', millis: 12 };
const outbox = { list: () => [notification], attempts: () => [attempt] } as unknown as Outbox;

let lag = 0;
let base = '';
let http: Http;
let release: () => void;
const released = new Promise<void>((resolve) => (release = resolve));
async function* sweeping(): AsyncGenerator<readonly Event[]> {
  yield [];
  await released;
}
const parts: DoorParts = {
  log: new MemoryRecordLog(),
  events,
  outbox,
  keys: ring,
  sources: ['http'],
  lag: () => lag,
  checks: [
    { name: 'store', gatesReadiness: true, run: () => (lag > 5000 ? { status: 'fail', message: 'down' } : { status: 'ok' }) },
    { name: 'geo', run: () => ({ status: 'warn', message: 'old' }) },
  ],
  metrics: noMetrics,
  renderMetrics: () => Promise.resolve('# HELP x\nx 1\n'),
  clock,
  logger: silentLogger,
  settings: httpSettings(httpConfig.parse({ max_sweeps: 2 })),
  version: '0.1.0',
};

beforeAll(async () => {
  http = await createHttp(EmbeddedModule.with(parts), parts);
  base = await http.listen('127.0.0.1', 0);
});
afterAll(() => http.close());

function call(path: string, key?: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${base}${path}`, { ...init, headers: { ...(key && { authorization: `Bearer ${key}` }), ...init.headers } });
}
async function json(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}
describe('keys', () => {
  it.each([
    ['no key', undefined, '/v1/events', 401],
    ['a wrong key', 'gw_wrong', '/v1/events', 401],
    ['the write key at the read door', write, '/v1/events', 403],
    ['the read key at the keys', read, '/v1/keys', 403],
    ['the admin key anywhere', admin, '/v1/events', 200],
    ['a key with a space in it', 'gw_a b', '/v1/events', 401],
    ['no key for metrics', undefined, '/metrics', 401],
    ['no key for details of health', undefined, '/health', 401],
    ['no key for what is open', undefined, '/health/live', 200],
  ])('%s', async (_what, key, path, status) => {
    const response = await call(path, key);
    expect(response.status).toBe(status);
    if (status === 401) expect(response.headers.get('www-authenticate')).toBe('Bearer realm="gatewatch"');
  });

  it('refuse the read key at the write door before reading the body', async () => {
    const response = await call('/v1/logs', read, { method: 'POST', body: 'x' });
    expect([response.status, (await json(response))['detail']]).toEqual([
      403,
      'The key "first read" has the scope read; this address needs logs:write.',
    ]);
  });

  it('guard the HEAD of a route as its GET', async () => {
    expect((await call('/v1/events', undefined, { method: 'HEAD' })).status).toBe(401);
    expect((await call('/v1/events', read, { method: 'HEAD' })).status).toBe(200);
    expect((await call('/docs/../v1/events')).status).toBe(401);
    expect((await call('/v1/events/')).status).toBeGreaterThanOrEqual(401);
    expect((await call('//v1/events')).status).toBeGreaterThanOrEqual(401);
  });

  it('are made, listed and revoked by an admin', async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await call('/v1/keys', admin, { method: 'POST', headers, body: '{"name":"web-1","scope":"read"}' });
    const { data } = (await response.json()) as { data: { id: string; key: string } };
    expect(response.status).toBe(201);
    expect((await call('/v1/events', data.key)).status).toBe(200);
    expect((await call('/v1/events', undefined, { headers: { 'x-api-key': data.key } })).status).toBe(200);
    const list = JSON.stringify(await json(await call('/v1/keys', admin)));
    expect(list).toContain('web-1');
    expect(list).not.toContain(data.key);
    expect((await call('/v1/keys', admin, { method: 'POST', headers, body: '{"name":"web-1","scope":"read"}' })).status).toBe(409);
    const wrong = await call('/v1/keys', admin, { method: 'POST', headers, body: '{"name":"x","scope":"root","more":1}' });
    expect((await json(wrong))['errors']).toMatchObject([
      { parameter: 'scope', value: 'root' },
      { parameter: 'more', expected: 'there is no such parameter' },
    ]);
    expect((await call(`/v1/keys/${data.id}`, admin, { method: 'DELETE' })).status).toBe(200);
    expect((await call('/v1/events', data.key)).status).toBe(401);
  });
});

describe('the read door', () => {
  it('hands range, fields, limit and cursor to the store', async () => {
    const response = await call(
      '/v1/events?from=-1h&to=2026-11-22T12:00:00Z&source.ip=10.0.0.0/8&source.ip=::1&user.name=a&limit=5&cursor=c',
      read,
    );
    expect(await response.json()).toEqual({ data: [{ event: { id: 'e1' } }], next_cursor: 'next' });
    const now = clock.now();
    expect(asked.events).toEqual({
      from: now - 3_600_000,
      to: now,
      filters: { 'source.ip': ['10.0.0.0/8', '::1'], 'user.name': ['a'] },
      limit: 5,
      cursor: 'c',
    });
  });

  it('gives a signal with its evidence', async () => {
    const answer = await json(await call('/v1/signals/s1', read));
    expect(answer).toMatchObject({ data: { event: { id: 's1', kind: 'alert' } }, evidence: [{ gatewatch: { offset: 3 } }] });
    expect((await call('/v1/signals/none', read)).status).toBe(404);
    await call('/v1/signals?rule=r&status=open&level=high&source.ip=203.0.113.7', read);
    expect(asked.signals).toMatchObject({ rule: 'r', status: 'open', level: 'high', group: { 'source.ip': '203.0.113.7' }, limit: 100 });
  });

  it('gives dead letters, and notifications with their ledger', async () => {
    await call('/v1/dead-letters?reason=timestamp&source=nginx', read);
    expect(asked.letters).toMatchObject({ reason: 'timestamp', source: 'nginx' });
    const { data } = (await (await call('/v1/notifications?state=waiting', read)).json()) as { data: unknown[] };
    expect(data).toMatchObject([
      { id: 'n1', due_at: '1970-01-01T00:00:05.000Z', attempts: [{ number: 1, outcome: 'retry', detail: '451' }] },
    ]);
  });

  it.each([
    ['/v1/events?limit=5000', [{ parameter: 'limit', value: '5000', expected: 'expected a whole number from 1 to 1000' }]],
    ['/v1/events?from=yesterday', [{ parameter: 'from', value: 'yesterday' }]],
    ['/v1/events?from=1763812800', [{ parameter: 'from', value: '1763812800' }]],
    ['/v1/events?from=-1h&to=-2h', [{ parameter: 'to', value: '-2h', expected: 'expected an instant after `from`' }]],
    [
      '/v1/events?limits=5',
      [{ parameter: 'limits', expected: expect.stringContaining('expected one of from, to, limit, cursor, or a field') as string }],
    ],
    ['/v1/events?limit=1&limit=2', [{ parameter: 'limit' }]],
    ['/v1/events?__proto__.x=1%27', undefined],
    ['/v1/signals?level=severe', [{ parameter: 'level', value: 'severe' }]],
    ['/v1/dead-letters?reasons=x', [{ parameter: 'reasons', expected: 'there is no such parameter' }]],
    ['/v1/events/%00', [{ parameter: 'id' }]],
  ])('%s is answered with what is wrong', async (path, errors) => {
    const response = await call(path, read);
    if (!errors) return expect(response.status).toBeLessThan(500);
    const problem = await json(response);
    expect([response.status, problem['errors']]).toMatchObject([400, errors]);
  });

  it('tells the sender what the store did not understand, and nothing of what broke inside', async () => {
    expect((await json(await call('/v1/events?cursor=broken', read)))['detail']).toBe('The cursor "broken" is none of ours.');
    const response = await call('/v1/events?cursor=trouble', read);
    const problem = await json(response);
    expect(response.status).toBe(500);
    expect(JSON.stringify(problem)).not.toContain('secret');
    expect(problem['request_id']).toBe(response.headers.get('x-request-id'));
  });
});

describe('the service', () => {
  it('is ready while its gating checks hold', async () => {
    expect(await json(await call('/health/ready'))).toEqual({ status: 'ok', failing: [] });
    lag = 6000;
    const response = await call('/health/ready');
    lag = 0;
    expect([response.status, await response.json()]).toEqual([503, { status: 'fail', failing: ['store'] }]);
    expect(await json(await call('/health', read))).toMatchObject({ status: 'warn', checks: { geo: { message: 'old' } } });
  });

  it('shows metrics as text', async () => {
    const response = await call('/metrics', read);
    expect([response.headers.get('content-type'), await response.text()]).toEqual([
      'text/plain; version=0.0.4; charset=utf-8',
      '# HELP x\nx 1\n',
    ]);
  });

  it('documents every route, with schemas, examples and the key', async () => {
    const document = (await (await call('/openapi.json')).json()) as {
      paths: Record<string, Record<string, { responses: object; security?: object[]; parameters?: { name: string }[] }>>;
      components: object;
    };
    expect(Object.keys(document.paths).sort()).toEqual([
      '/health',
      '/health/live',
      '/health/ready',
      '/metrics',
      '/v1/coverage',
      '/v1/dead-letters',
      '/v1/events',
      '/v1/events/{id}',
      '/v1/keys',
      '/v1/keys/{id}',
      '/v1/logs',
      '/v1/notifications',
      '/v1/otlp/v1/logs',
      '/v1/signals',
      '/v1/signals/{id}',
      '/v1/sweep',
    ]);
    expect(document.paths['/v1/events']?.['get']?.parameters?.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['from', 'to', 'limit', 'cursor', 'source.ip']),
    );
    expect(document.paths['/v1/events/{id}']?.['get']?.parameters).toMatchObject([{ name: 'id', in: 'path' }]);
    expect(document.components).toMatchObject({ securitySchemes: { key: { type: 'http', scheme: 'bearer' } } });
    for (const [path, methods] of Object.entries(document.paths))
      for (const operation of Object.values(methods)) expect(operation.security !== undefined, path).toBe(!/live|ready/.test(path));
  });

  it('serves the page to try it, with everything it loads', async () => {
    const page = await call('/docs');
    const html = await page.text();
    expect(page.status).toBe(200);
    expect(html).toContain('Gatewatch API');
    const assets = [...html.matchAll(/(?:src|href)=["']([^"']+\.(?:js|css))["']/g)].map(([, path]) => path!);
    expect(assets.length).toBeGreaterThan(2);
    for (const asset of assets) {
      const response = await fetch(new URL(asset, `${base}/docs`));
      expect([response.status, (await response.arrayBuffer()).byteLength > 100], asset).toEqual([200, true]);
    }
  });

  it('sends security headers with every answer and tells nothing of itself', async () => {
    for (const path of ['/v1/events', '/nothing', '/health/live', '/%ff']) {
      const { headers } = await call(path);
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('server')).toBeNull();
      if (path === '/%ff') continue;
      expect(headers.get('x-content-type-options'), path).toBe('nosniff');
      expect(headers.get('content-security-policy'), path).toContain("default-src 'none'");
    }
  });

  it('answers an unknown address and a malformed one with a problem', async () => {
    const unknown = await call('/v1/nothing', read);
    expect([unknown.status, (await json(unknown))['type']]).toEqual([404, 'urn:gatewatch:problem:not_found']);
    const malformed = await call('/%ff', read);
    expect([malformed.status, (await json(malformed))['detail']]).toEqual([400, 'The address is malformed.']);
  });
});

describe('sweeps', () => {
  it('above http.max_sweeps are told to wait, and run when one has ended', async () => {
    const running = await Promise.all([call('/v1/sweep', read), call('/v1/sweep', read)]);
    expect(running.map(({ status }) => status)).toEqual([200, 200]);
    const refused = await call('/v1/sweep', read);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10']);
    expect(await json(refused)).toMatchObject({
      type: 'urn:gatewatch:problem:too_many_sweeps',
      detail: expect.stringContaining('2 sweeps') as string,
    });
    expect((await call('/v1/events', read)).status).toBe(200);
    release();
    expect(await Promise.all(running.map((response) => response.text()))).toEqual(['{"end":true}\n', '{"end":true}\n']);
    expect((await call('/v1/sweep', read)).status).toBe(200);
  });
});
