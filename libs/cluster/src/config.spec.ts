import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FieldIndex } from '#ecs';
import { buildIngest, ingestSettings, linePart } from '#ingest';
import { clusterConfig, settingsOf, type ClusterConfig } from './config.js';
import { configuredRules } from './rule-set.js';

const dir = mkdtempSync(join(tmpdir(), 'gatewatch-cluster-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

const base = {
  kafka: { brokers: ['127.0.0.1:9092'] },
  elasticsearch: { nodes: ['http://127.0.0.1:9200'] },
  ingest: { hash_key: 'a key of the tests, and of nobody else' },
};
const config = (source: object, more: object = {}): ClusterConfig =>
  clusterConfig.parse({ ...base, sources: [{ name: 'edge', topics: ['access'], time_zone: 'UTC', ...source }], ...more });

/** The documents that a line becomes in the ingest process of this configuration. */
function values(settings: ClusterConfig, line: string): Record<string, unknown> {
  const index = new FieldIndex();
  const payload = Buffer.from(`${line}\n`);
  const ingest = buildIngest({
    source: () => settingsOf(settings, 'edge'),
    index,
    enrichers: [],
    eager: 'all',
    keepOriginal: false,
    ...linePart(ingestSettings(settings.ingest, undefined)),
  });
  const { events } = ingest.ingest({ source: 'edge', arrival: Date.UTC(2026, 0, 15), payload, count: 1, offset: 0 });
  return Object.fromEntries(
    ['source.ip', 'gatewatch.route', 'url.query', 'user.name', 'event.outcome'].map((field) => [
      field,
      events[0]?.values[index.slot(field)],
    ]),
  );
}

const line = (path: string, forwarded = ''): string =>
  `10.0.0.5 - - [15/Jan/2026:08:00:00 +0000] "GET ${path} HTTP/1.1" 200 12 "-" "curl/8.5"${forwarded}`;

describe('the configuration of the distributed mode', () => {
  it('asks for the key of the hashes, which processes on several machines must share', () => {
    const { success, error } = clusterConfig.safeParse({ ...base, ingest: {}, sources: [{ name: 'edge', topics: ['access'] }] });
    expect([success, error?.issues.map(({ path }) => path.join('.'))]).toEqual([false, ['ingest.hash_key']]);
  });

  it('believes trusted proxies, and only those', () => {
    const json = JSON.stringify({
      time: '2026-01-15T08:00:00Z',
      remote_addr: '10.0.0.5',
      request: 'GET / HTTP/1.1',
      status: 200,
      http_x_forwarded_for: '203.0.113.7',
    });
    expect(values(config({}), json)['source.ip']).toBe('10.0.0.5');
    expect(values(config({ trusted_proxies: ['10.0.0.0/8'] }), json)['source.ip']).toBe('203.0.113.7');
  });

  it('takes routes from an OpenAPI file', () => {
    const openapi = file('api.yml', 'openapi: 3.0.0\npaths:\n  /shops/{shop}/orders/{order}:\n    get: {}\n');
    expect(values(config({ openapi }), line('/shops/berlin/orders/4711'))['gatewatch.route']).toBe('/shops/{shop}/orders/{order}');
  });

  it('redacts what it names', () => {
    const secret = { ...base.ingest, redact: { hide: ['voucher'] } };
    expect(values(config({}), line('/x?voucher=abc'))['url.query']).toBe('voucher=abc');
    expect(values(config({}, { ingest: secret }), line('/x?voucher=abc'))['url.query']).not.toContain('abc');
  });

  it('reads JSON by a mapping file', () => {
    const mapping = file('own.yml', 'name: own\ntimestamp: { field: at, format: iso }\nfields:\n  user.name: wer\n');
    expect(() => settingsOf(config({ mapping_file: join(dir, 'none.yml') }), 'edge')).toThrow(/none\.yml cannot be read/);
    expect(settingsOf(config({ mapping_file: mapping }), 'edge').mapping).toBeDefined();
  });

  it('adjusts rules: sensitivity, overrides and exceptions', () => {
    const rules = (detection: object) => configuredRules(config({}, { detection }).detection, new FieldIndex());
    const burst = (detection: object) => rules(detection).correlations.find(({ rule }) => rule.name === 'login_burst');
    expect(burst({ overrides: [{ rule: 'login_burst', gte: 77 }] })?.threshold).toBe(77);
    expect(JSON.stringify(rules({ sensitivity: 'strict' }).correlations)).not.toBe(JSON.stringify(rules({}).correlations));
    const exception = {
      name: 'scanner',
      rules: 'all',
      when: { 'source.ip': '192.0.2.9' },
      owner: 'ops',
      reason: 'ours',
      expires: '2030-01-01',
    };
    expect(rules({ exceptions: [exception] }).exemptions).toHaveLength(1);
  });
});
