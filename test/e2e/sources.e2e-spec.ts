import { createSocket } from 'node:dgram';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from '#testkit';
import { gatewatch, Service, until, type Keys } from './gatewatch-process.js';
import { accessLine } from './login-burst.js';

const dir = mkdtempSync(join(tmpdir(), 'gatewatch-sources-'));
const path = (name: string): string => join(dir, name);
const now = Date.now();

interface Found {
  readonly data: readonly { readonly source?: { readonly ip?: string }; readonly event?: { readonly original?: string } }[];
}

let service: Service;
let keys: Keys;
/** Port of a listener, as the service says it. */
const port = (transport: string): number => Number(new RegExp(`syslog on ${transport} 127\\.0\\.0\\.1:(\\d+)`).exec(service.output)![1]);
const framed = (ip: string): string =>
  `<190>1 2026-01-15T10:00:00Z web1 nginx - - - ${accessLine(now, { ip, request: 'GET /orders' }).trim()}`;
const stored = (source: string, count: number): Promise<Found> =>
  until(
    () => service.get<Found>(`/v1/events?from=-1h&gatewatch.source=${source}`, keys.read),
    ({ data }) => data.length >= count,
  );

beforeAll(async () => {
  writeFileSync(path('cert.pem'), selfSigned.cert);
  writeFileSync(path('key.pem'), selfSigned.key);
  const tls = `{ port: 0, certificate: ${path('cert.pem')}, key: ${path('key.pem')}, client_ca: ${path('cert.pem')} }`;
  writeFileSync(
    path('gatewatch.yml'),
    `data_dir: ${path('data')}
sources:
  - name: edge
    syslog: { udp: { port: 0 }, tcp: { port: 0 }, tls: ${tls} }
  - name: shop
  - name: metered
http:
  quotas: { keys: [{ name: first write, records_per_minute: 600 }] }
`,
  );
  service = await Service.start(['--config', path('gatewatch.yml')]);
  await until(
    () => Promise.resolve(service.output),
    (text) => text.includes('syslog on tls') && text.includes('read '),
  );
  keys = service.keys();
}, 60_000);
afterAll(() => service.kill('SIGTERM'));

describe('syslog', () => {
  it('comes over UDP, TCP and TLS and becomes events', async () => {
    const udp = createSocket('udp4');
    udp.send(framed('203.0.113.1'), port('udp'), '127.0.0.1', () => udp.close());
    const counted = framed('203.0.113.2');
    connect(port('tcp'), '127.0.0.1').end(`${counted.length} ${counted}`);
    connect(port('tcp'), '127.0.0.1').end(`${framed('203.0.113.3')}\n`);
    const { cert, key } = selfSigned;
    const message = framed('203.0.113.4');
    connectTls({ port: port('tls'), host: 'localhost', ca: cert, cert, key }).end(`${message.length} ${message}`);
    const { data } = await stored('edge', 4);
    expect(data.map(({ source }) => source?.ip).sort()).toEqual(['203.0.113.1', '203.0.113.2', '203.0.113.3', '203.0.113.4']);
  });

  it('with newlines in a counted message injects no line', async () => {
    const before = (await stored('edge', 4)).data.length;
    const message = `${framed('203.0.113.5')}\n${framed('203.0.113.66')}`;
    connect(port('tcp'), '127.0.0.1').end(`${message.length} ${message}`);
    const { data } = await stored('edge', before + 1);
    expect(data.length).toBe(before + 1);
    expect(data.map(({ source }) => source?.ip)).not.toContain('203.0.113.66');
    expect(data.some(({ event }) => event?.original?.includes('#012<190>'))).toBe(true);
  });

  it('shows its counts in metrics and health', async () => {
    const health = await service.get<unknown>('/health', keys.read);
    expect(JSON.stringify(health)).toContain('"edge":{"received":5');
  });
});

describe('a source whose lines stop fitting', () => {
  it('is told as a signal about Gatewatch itself', async () => {
    const good = Array.from({ length: 200 }, (_, at) => accessLine(now + at, { ip: '203.0.113.9', request: 'GET /orders' }));
    const bad = Array.from({ length: 60 }, (_, at) => `nobody understands this ${at}\n`);
    const response = await fetch(`${service.url}/v1/logs?source=shop`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keys.write}` },
      body: [...good, ...bad].join(''),
    });
    expect(response.status).toBe(202);
    const signals = await until(
      () =>
        service.get<{ data: readonly { rule: { id: string }; gatewatch: object }[] }>('/v1/signals?rule=gatewatch-format-drift', keys.read),
      ({ data }) => data.length > 0,
    );
    expect(signals.data[0]).toMatchObject({
      rule: { id: 'gatewatch-format-drift', name: 'Log lines of a source no longer fit its format' },
      gatewatch: { signal: { group: { 'gatewatch.source': 'shop' } } },
    });
    expect(JSON.stringify(await service.get('/health', keys.read))).toContain('"shop":{"kinds":["http"]');
  });
});

describe('a key with a quota', () => {
  it('is told to wait, and nothing of the refused delivery is there', async () => {
    const post = (body: string): Promise<Response> =>
      fetch(`${service.url}/v1/logs?source=metered`, { method: 'POST', headers: { authorization: `Bearer ${keys.write}` }, body });
    const line = accessLine(now, { ip: '203.0.113.10', request: 'GET /orders' });
    expect((await post(line.repeat(1000))).status).toBe(202);
    const refused = await post(line);
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true]);
    expect(await (await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${keys.read}` } })).text()).toContain(
      'gatewatch_http_over_quota_deliveries_total{key="first write"} 1',
    );
  });
});

describe('standard input', () => {
  it('is a source like others, and its end does not end the service', async () => {
    const lines = [accessLine(now, { ip: '203.0.113.41', request: 'GET /a' }), accessLine(now, { ip: '203.0.113.42', request: 'GET /b' })];
    const piped = await Service.start(['--data', path('piped'), '--follow', '-'], {}, lines.join(''));
    const { read } = await until(
      () => Promise.resolve(piped.output),
      (text) => text.includes('read '),
    ).then(() => piped.keys());
    const found = await until(
      () => piped.get<Found>('/v1/events?from=-1h&gatewatch.source=stdin', read),
      ({ data }) => data.length >= 2,
    );
    expect(found.data.map(({ source }) => source?.ip).sort()).toEqual(['203.0.113.41', '203.0.113.42']);
    await until(
      () => Promise.resolve(piped.output),
      (text) => text.includes('Standard input has ended.'),
    );
    expect(await piped.kill('SIGTERM')).toBe(0);
    const { code, stderr } = await gatewatch(['start', '--data', path('twice'), '--follow', '-', '-']);
    expect([code, stderr]).toEqual([78, expect.stringContaining('Standard input (-) is followed twice')]);
  });
});

describe('check-config', () => {
  it('reads mapping files and runs their cases, each problem with file, line and path', async () => {
    writeFileSync(
      path('shop.yml'),
      `name: shop
timestamp: { field: at, format: iso }
fields: { source.ip: client }
cases:
  - line: '{"at":"2026-01-15T10:00:00Z","client":"203.0.113.7"}'
    expect: { source.ip: 203.0.113.8 }
`,
    );
    writeFileSync(path('strange.yml'), 'name: strange\nfeilds: {}\n');
    const sources = ['shop', 'strange', 'none'].map((name) => `{ name: ${name}, format: json, mapping_file: ${path(`${name}.yml`)} }`);
    writeFileSync(path('mappings.yml'), `sources: [${sources.join(', ')}]\n`);
    const { code, stderr } = await gatewatch(['check-config', 'mappings.yml'], { cwd: dir });
    expect(code).toBe(78);
    expect(stderr).toContain(`${path('shop.yml')}:5  cases[0]: source.ip: expected "203.0.113.8", found "203.0.113.7"`);
    expect(stderr).toContain(`${path('strange.yml')}:2:1: the key feilds is not known here`);
    expect(stderr).toContain(`mappings.yml  sources[2].mapping_file: ${path('none.yml')} cannot be read`);
  });

  it('reads feeds, lists and databases, and tells of all that cannot be used', async () => {
    writeFileSync(path('leavers.csv'), 'name;mail\nJane;jane@example.com\n');
    const list = (column: string): string => `{ name: leavers, file: ${path('leavers.csv')}, column: ${column} }`;
    const ingest = (column: string, more = ''): string => `ingest:\n  lists: [${list(column)}]\n${more}`;
    writeFileSync(path('lists.yml'), ingest('Mail'));
    expect(await gatewatch(['check-config', 'lists.yml'], { cwd: dir })).toMatchObject({ code: 0 });
    const feeds = `  feeds: [{ name: f, file: ${path('no-feed.txt')} }]\n  mmdb: { city: ${path('leavers.csv')} }\n`;
    const sources = `sources: [{ name: api, openapi: ${path('leavers.csv')} }]\n`;
    writeFileSync(path('enrichment.yml'), sources + ingest('email', feeds));
    const { code, stderr } = await gatewatch(['check-config', 'enrichment.yml'], { cwd: dir });
    expect(code).toBe(78);
    expect(stderr).toContain(`${path('leavers.csv')} cannot be used: its first row has no column "email", but name, mail`);
    expect(stderr).toContain(`${path('no-feed.txt')} cannot be used: ENOENT`);
    expect(stderr).toContain(`${path('leavers.csv')} cannot be used: The file is no whole MaxMind DB`);
    expect(stderr).toContain(`sources[0].openapi: ${path('leavers.csv')} is no OpenAPI file`);
    const doctor = await gatewatch(['doctor', '--config', 'enrichment.yml'], { cwd: dir });
    expect([doctor.code, doctor.stdout]).toEqual([78, expect.stringContaining('no column "email"')]);
  });
});
