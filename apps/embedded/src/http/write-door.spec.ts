import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { Agent, createServer, request, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outbox } from '#alerting';
import { createHttp, KeyRing, type Http } from '#http';
import type { EventStore } from '#query';
import { noMetrics, silentLogger } from '#telemetry';
import { FakeClock, MemoryRecordLog } from '#testkit';
import { EmbeddedModule } from '../embedded.module.js';
import type { DoorParts } from './parts.js';

const clock = new FakeClock(Date.UTC(2026, 10, 22, 12));
const log = new MemoryRecordLog();
const { ring, made } = KeyRing.open({ directory: mkdtempSync(join(tmpdir(), 'gatewatch-http-')), clock, makeFirst: true });
const write = made[1]!.text.reveal();

let lag = 0;
let base = '';
let http: Http;
const settings = {
  allowPublic: false,
  maxBodyBytes: 1 << 20,
  maxInflatedBytes: 2 << 20,
  maxInFlightBytes: 8 << 20,
  maxLagRecords: 1000,
  maxConnections: 64,
  maxSweeps: 2,
  quotas: { each: {}, byKey: new Map([['metered', { recordsPerMinute: 60 }]]) },
};
const parts: DoorParts = {
  log,
  events: {} as EventStore,
  outbox: {} as Outbox,
  keys: ring,
  sources: ['http', 'nginx'],
  lag: () => lag,
  checks: [],
  metrics: noMetrics,
  renderMetrics: () => Promise.resolve(''),
  clock,
  logger: silentLogger,
  settings,
};

beforeAll(async () => {
  http = await createHttp(EmbeddedModule.with(parts), parts);
  base = await http.listen('127.0.0.1', 0);
});
afterAll(() => http.close());

function post(body: string | Uint8Array, headers: Record<string, string> = {}, path = '/v1/logs'): Promise<Response> {
  return fetch(`${base}${path}`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${write}`, 'content-type': 'text/plain', ...headers },
  });
}
async function json(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}
const lines = 'one\r\ntwo\nthree';

describe('the write door', () => {
  it('takes lines as they came, and says how many and where', async () => {
    const before = log.end();
    const response = await post(lines, {}, '/v1/logs?source=nginx');
    expect([response.status, await response.json()]).toEqual([202, { accepted: 3, offset: before }]);
    const last = log.entries.at(-1);
    expect(last).toMatchObject({ source: 'nginx', arrival: clock.now(), count: 3, payload: Uint8Array.from(Buffer.from(lines)) });
  });

  it.each([
    ['gzip', gzipSync(lines)],
    ['deflate', deflateSync(lines)],
    ['br', brotliCompressSync(lines)],
  ])('takes %s', async (encoding, body) => {
    expect(await json(await post(body, { 'content-encoding': encoding }))).toMatchObject({ accepted: 3 });
    expect(log.lines().slice(-3)).toEqual(['one\r', 'two', 'three']);
  });

  it('takes a JSON array, one record an object, its numbers untouched', async () => {
    const body = '[ {"id": 12345678901234567890,\n "t": "a]}\\"b"},{"n":{"m":[1]}}\n]\n';
    expect(await json(await post(body, { 'content-type': 'application/json; charset=utf-8' }))).toMatchObject({ accepted: 2 });
    expect(log.lines().slice(-2)).toEqual(['{"id": 12345678901234567890,  "t": "a]}\\"b"}', '{"n":{"m":[1]}}']);
    expect(await json(await post('{"a":1}\n{"a":2}\n', { 'content-type': 'application/json' }))).toMatchObject({ accepted: 2 });
    expect(await json(await post('{\n "a":1\n}\n', { 'content-type': 'application/json' }))).toMatchObject({ accepted: 1 });
  });

  const gzipped = { 'content-encoding': 'gzip' };
  const asJson = { 'content-type': 'application/json' };
  it.each<{ what: string; body: string | Uint8Array; headers?: Record<string, string>; status: number; says: RegExp }>([
    {
      what: 'truncated gzip',
      body: gzipSync('x'.repeat(5000)).subarray(0, 30),
      headers: gzipped,
      status: 400,
      says: /gzip data is damaged or ends/,
    },
    { what: 'what is no gzip', body: 'plain', headers: gzipped, status: 400, says: /gzip data is damaged/ },
    {
      what: 'a bomb',
      body: gzipSync(Buffer.alloc(50 << 20)),
      headers: gzipped,
      status: 413,
      says: /larger than 2 MiB after decompression/,
    },
    { what: 'a body above the bound', body: 'x'.repeat((1 << 20) + 1), status: 413, says: /more than 1048576: nothing was accepted/ },
    {
      what: 'an unknown encoding',
      body: 'x',
      headers: { 'content-encoding': 'zstd' },
      status: 415,
      says: /"zstd": expected gzip, deflate, br/,
    },
    { what: 'an empty body', body: '', status: 400, says: /no records/ },
    {
      what: 'an array that breaks off',
      body: '[{"a":1}, {"b"',
      headers: asJson,
      status: 400,
      says: /element 2 of the array is not complete/,
    },
    {
      what: 'an array of other things',
      body: '[1]',
      headers: asJson,
      status: 400,
      says: /at byte 1: element 1 of the array is not an object/,
    },
    {
      what: 'an array with something behind it',
      body: '[{}] x',
      headers: asJson,
      status: 400,
      says: /at byte 5: there is something after the end/,
    },
    { what: 'an array without a comma', body: '[{}{}]', headers: asJson, status: 400, says: /after element 1 a comma or the end/ },
  ])('refuses $what and accepts nothing of it', async ({ body, headers, status, says }) => {
    const before = log.end();
    const response = await post(body, headers);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    const problem = await json(response);
    expect(problem['detail']).toMatch(says);
    expect([response.status, problem['status']]).toEqual([status, status]);
    expect(log.end()).toBe(before);
  });

  it('counts the bytes in memory, and holds none when all is answered', async () => {
    const many = Array.from({ length: 12 }, () => post(gzipSync(Buffer.alloc(1 << 20, 'x\n')), gzipped));
    const answers = await Promise.all(many);
    expect(new Set(answers.map(({ status }) => status)).size).toBeLessThanOrEqual(2);
    expect(answers.every(({ status }) => status === 202 || status === 503)).toBe(true);
    expect((await post('x\n')).status).toBe(202);
  });

  it('answers the next request on the connection of a body that it refused before its end', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const sent = async (body: Buffer, headers: Record<string, string>): Promise<number | undefined> => {
      const call = request(`${base}/v1/logs`, { method: 'POST', agent, headers: { authorization: `Bearer ${write}`, ...headers } });
      call.end(body);
      const [answer] = (await once(call, 'response')) as [IncomingMessage];
      answer.resume();
      await once(answer, 'end');
      return answer.statusCode;
    };
    // Far more zeros than may be unpacked, so that most of what is sent is never looked at.
    expect(await sent(gzipSync(Buffer.alloc(500 << 20)), gzipped)).toBe(413);
    expect(await sent(Buffer.from(lines), {})).toBe(202);
    expect(await sent(Buffer.concat([Buffer.from('no gzip'), Buffer.alloc(900 << 10)]), gzipped)).toBe(400);
    expect(await sent(Buffer.from(lines), {})).toBe(202);
    agent.destroy();
  });

  it('refuses a streamed body above the bound without a length, and the connection lives on', async () => {
    const chunk = new Uint8Array(300 << 10).fill(120);
    let sent = 0;
    const body = new ReadableStream({ pull: (controller) => (sent++ < 8 ? controller.enqueue(chunk) : controller.close()) });
    const response = await fetch(`${base}/v1/logs`, {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { authorization: `Bearer ${write}` },
    });
    expect(response.status).toBe(413);
    expect((await post(lines)).status).toBe(202);
  });

  it('accepts nothing of a body whose sender went away', async () => {
    const before = log.end();
    const { port } = new URL(base);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(
          `POST /v1/logs HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${write}\r\ncontent-length: 100\r\n\r\nhalf a line\n`,
          () => socket.destroy(),
        );
      }).on('close', () => resolve());
    });
    expect((await post('whole\n')).status).toBe(202);
    expect(log.end()).toBe(before + 1);
  });

  it('says of an address that is none that it is none, whatever is sent there', async () => {
    const response = await post(lines, {}, '/v1/logs/nginx');
    expect([response.status, (await json(response))['detail']]).toEqual([404, expect.stringMatching(/nothing at this address/)]);
  });

  it('names the sources where the asked one is not configured', async () => {
    const response = await post(lines, { 'x-gatewatch-source': 'ngnix' });
    expect([response.status, (await json(response))['errors']]).toEqual([
      400,
      [{ parameter: 'source', value: 'ngnix', expected: 'expected a configured source: http, nginx' }],
    ]);
  });

  it('asks the sender to wait while the pipeline lags or the disk is full', async () => {
    lag = 1001;
    const lagging = await post(lines);
    lag = 0;
    expect([lagging.status, lagging.headers.get('retry-after'), (await json(lagging))['type']]).toEqual([
      503,
      '5',
      'urn:gatewatch:problem:lagging',
    ]);
    log.full = true;
    const full = await post(lines);
    log.full = false;
    expect([full.status, full.headers.get('retry-after'), (await json(full))['type']]).toEqual([
      503,
      '10',
      'urn:gatewatch:problem:log_full',
    ]);
  });
});

describe('scheduled work', () => {
  it('runs from the moment the service listens until it is closed', async () => {
    let [ran, runs] = [(): void => undefined, 0];
    const twice = new Promise<void>((resolve) => (ran = resolve));
    const schedules = [{ name: 'retention', every: 5, run: () => void (++runs === 2 && ran()) }];
    const busy = { ...parts, schedules };
    const second = await createHttp(EmbeddedModule.with(busy), busy);
    expect(runs).toBe(0);
    await second.listen('127.0.0.1', 0);
    await twice;
    await second.close();
  });
});

describe('listening', () => {
  it('names the busy port and what to do', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const second = await createHttp(EmbeddedModule.with(parts), parts);
    await expect(second.listen('127.0.0.1', port)).rejects.toMatchObject({
      code: 'port_in_use',
      message: expect.stringContaining(`127.0.0.1:${port} is in use`) as string,
    });
    other.close();
  });

  it('refuses an address that is reachable from outside unless that is meant', async () => {
    const second = await createHttp(EmbeddedModule.with(parts), parts);
    await expect(second.listen('0.0.0.0', 0)).rejects.toMatchObject({ code: 'public_address_refused' });
    await second.close();
  });
});

describe('a key with a quota', () => {
  const metered = (body: string): Promise<Response> => post(body, { authorization: `Bearer ${key}` });
  const key = ring.add('metered', 'logs:write').text.reveal();

  it('is asked to wait above it, before the body is read, and goes on when it has waited', async () => {
    const before = log.end();
    expect((await metered('x\n'.repeat(90))).status).toBe(202);
    const refused = await metered('y\n');
    expect([refused.status, refused.headers.get('retry-after'), await json(refused)]).toMatchObject([
      429,
      '31',
      { type: 'urn:gatewatch:problem:quota_exceeded', detail: expect.stringContaining('"metered" may send 60 records a minute') as string },
    ]);
    expect((await post('z')).status).toBe(202);
    await clock.advance(31_000);
    expect((await metered('y\n')).status).toBe(202);
    expect(log.end() - before).toBe(92);
  });
});

describe('the door of OTLP', () => {
  const otlp = (body: string, type = 'application/json'): Promise<Response> => post(body, { 'content-type': type }, '/v1/otlp/v1/logs');
  const logRecord = (text: string): object => ({ timeUnixNano: '1768471502000000000', body: { stringValue: text } });

  it('takes a request apart into its log records and answers as the protocol asks', async () => {
    const before = log.end();
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
    const response = await otlp(
      JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords: [logRecord('a'), logRecord('b')] }] }] }),
    );
    expect([response.status, await response.json()]).toEqual([200, {}]);
    expect(
      log
        .lines()
        .slice(-2)
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { ...logRecord('a'), resource },
      { ...logRecord('b'), resource },
    ]);
    expect(log.end() - before).toBe(2);
  });

  it('takes a request without records, and says what is wrong with others', async () => {
    expect([(await otlp('{"resourceLogs":[]}')).status, (await otlp('{}')).status]).toEqual([200, 200]);
    expect((await json(await otlp('{"resourceSpans":[]}')))['detail']).toContain('no ExportLogsServiceRequest');
    expect((await json(await otlp('\u0001', 'application/x-protobuf')))['detail']).toContain('http/json');
  });
});
