import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clusterConfig } from '#cluster';
import { FieldIndex, slot } from '#ecs';
import { buildIngest } from '#ingest';
import { readingParts } from './reading.js';

const folder = mkdtempSync(join(tmpdir(), 'gatewatch-reading-'));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const config = (source: object, ingest: object = {}) =>
  clusterConfig.parse({
    kafka: { brokers: ['kafka:9092'] },
    elasticsearch: { nodes: ['http://elastic:9200'] },
    sources: [{ name: 'edge', topics: ['edge'], time_zone: 'UTC', ...source }],
    ingest: { hash_key: 'a key of the tests, and of nobody else', ...ingest },
  });

const combined = (target: string): string =>
  `10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET ${target} HTTP/1.1" 200 5 "-" "curl/8.0" "203.0.113.7"`;
const logFormat =
  '$remote_addr - - [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" "$http_x_forwarded_for"';
const nginx = { format: { kind: 'nginx', log_format: logFormat } };

function read(settings: ReturnType<typeof config>, line: string) {
  const index = new FieldIndex();
  const ingest = buildIngest({ ...readingParts(settings, { now: () => 0 }), index });
  const payload = Buffer.from(`${line}\n`);
  const arrival = Date.UTC(2026, 9, 10, 14);
  const { events } = ingest.ingest({ source: 'edge', arrival, payload, count: 1, tag: 'a', position: 0, offset: 0 }, 0);
  const value = (name: string) => events[0]?.values[index.slot(name)];
  return { events, value };
}

describe('a source of the distributed mode', () => {
  it('has formats of its own, and proxies that are trusted', () => {
    expect(read(config(nginx), combined('/a')).events[0]!.values[slot['source.ip']]).toBe('10.0.0.1');
    expect(read(config({ ...nginx, trusted_proxies: ['private'] }), combined('/a')).events[0]!.values[slot['source.ip']]).toBe(
      '203.0.113.7',
    );
  });

  it('takes routes from an OpenAPI file', () => {
    const api = { openapi: '3.0.0', info: { title: 'a', version: '1' }, paths: { '/shops/{shop}': { get: { responses: {} } } } };
    const settings = config({ ...nginx, openapi: file('api.json', JSON.stringify(api)) });
    expect(read(settings, combined('/shops/north')).value('gatewatch.route')).toBe('/shops/{shop}');
  });

  it('hides what the configuration names', () => {
    const plain = JSON.stringify(read(config(nginx), combined('/a?shoe=forty-two')).events[0]!.values);
    const hidden = read(config(nginx, { redact: { hide: ['shoe'] } }), combined('/a?shoe=forty-two')).events[0]!.values;
    expect(plain).toContain('forty-two');
    expect(JSON.stringify(hidden)).not.toContain('forty-two');
  });

  it('does not start with a mapping or an OpenAPI file that is not there: all are told', () => {
    const settings = config({ format: 'json', mapping_file: join(folder, 'none.yml') });
    expect(() => readingParts(settings, { now: () => 0 })).toThrow(/source "edge": .*none\.yml cannot be read/);
    expect(() => readingParts(config({ openapi: file('no.json', '[]') }), { now: () => 0 })).toThrow(/no\.json is no OpenAPI file/);
  });
});
