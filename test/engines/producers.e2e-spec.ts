import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompressionTypes } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elasticsearchOrSkip, kafkaOrSkip } from '../../tools/engines/ready.js';
import { until } from '../e2e/gatewatch-process.js';
import { ClusterProcess, TestCluster, writeSettings } from './cluster-processes.js';
import { freshNamespace } from './elastic-engine.js';

const dir = mkdtempSync(join(tmpdir(), 'gatewatch-producers-'));
const [kafka, elastic] = await Promise.all([kafkaOrSkip(), elasticsearchOrSkip()]);
const prefix = 'producers';
const topic = `${prefix}-access`;
const namespace = freshNamespace();
let cluster: TestCluster;
let ingest: ClusterProcess;

const line = (path: string): string => `203.0.113.9 - alice [20/Nov/2026:10:00:00 +0000] "GET ${path} HTTP/1.1" 200 512 "-" "curl/8.5.0"`;

/** Records in the shapes that shippers give them on Kafka by their own manuals, each with its line inside. */
const shapes: Record<string, (path: string) => string> = {
  'a plain line': line,
  'Filebeat (output.kafka, codec json)': (path) =>
    JSON.stringify({
      '@timestamp': '2026-11-20T10:00:01.204Z',
      '@metadata': { beat: 'filebeat', type: '_doc', version: '9.2.1' },
      host: { name: 'web-1' },
      agent: { id: 'd4c4a1f0', name: 'web-1', type: 'filebeat', version: '9.2.1', ephemeral_id: '1f' },
      log: { offset: 42, file: { path: '/var/log/nginx/access.log' } },
      message: line(path),
      input: { type: 'filestream' },
      ecs: { version: '8.0.0' },
    }),
  'Fluent Bit (out_kafka, format json)': (path) => JSON.stringify({ '@timestamp': 1795168801.204, log: `${line(path)}\n` }),
  'Fluent Bit with the Kubernetes filter': (path) =>
    JSON.stringify({
      '@timestamp': 1795168801.204,
      time: '2026-11-20T10:00:01.204Z',
      stream: 'stdout',
      _p: 'F',
      log: line(path),
      kubernetes: { pod_name: 'edge-7c9', namespace_name: 'shop', container_name: 'nginx', labels: { app: 'edge' } },
    }),
  'Vector (kafka sink, json, file source)': (path) =>
    JSON.stringify({
      file: '/var/log/nginx/access.log',
      host: 'web-1',
      message: line(path),
      source_type: 'file',
      timestamp: '2026-11-20T10:00:01.204Z',
    }),
  'Kafka Connect (JsonConverter with schemas)': (path) =>
    JSON.stringify({ schema: { type: 'string', optional: false }, payload: line(path) }),
  'a subscription of CloudWatch Logs, many records in a message': (path) =>
    JSON.stringify({
      messageType: 'DATA_MESSAGE',
      owner: '123456789012',
      logGroup: '/nginx',
      logStream: 'web-1',
      subscriptionFilters: ['all'],
      logEvents: [{ id: '388', timestamp: 1795168801204, message: line(path) }],
    }),
  'a document of ECS': (path) =>
    JSON.stringify({
      '@timestamp': '2026-11-20T10:00:00.000Z',
      source: { ip: '203.0.113.9' },
      user: { name: 'alice' },
      http: { request: { method: 'GET' }, response: { status_code: 200 } },
      url: { path },
    }),
};
const names = Object.keys(shapes);

interface Hit {
  readonly _source: {
    readonly '@timestamp': string;
    readonly source?: { readonly ip: string };
    readonly user?: { readonly name: string };
    readonly url?: { readonly path: string };
  };
}

async function stored(): Promise<Map<string, Hit['_source']>> {
  const stream = `${elastic!.url}/logs-gatewatch.events-${namespace}`;
  await fetch(`${stream}/_refresh`, { method: 'POST' });
  const answer = await fetch(`${stream}/_search?size=1000`);
  if (answer.status !== 200) return new Map();
  const { hits } = (await answer.json()) as { hits: { hits: Hit[] } };
  return new Map(hits.hits.map(({ _source: source }) => [source.url?.path ?? '', source]));
}

beforeAll(async () => {
  if (!kafka || !elastic) return;
  cluster = new TestCluster(kafka.brokers);
  await cluster.connect();
  await cluster.topic(topic, 2);
  ingest = await ClusterProcess.start(
    'ingest',
    writeSettings(dir, { brokers: kafka.brokers, elasticsearch: elastic.url, namespace, prefix }),
  );
});

afterAll(async () => {
  await ingest?.end('SIGKILL');
  await cluster?.close();
  await elastic?.stop();
  await kafka?.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe.skipIf(!kafka || !elastic)('records as the producers of the field write them', () => {
  it.each([CompressionTypes.None, CompressionTypes.GZIP, CompressionTypes.Snappy, CompressionTypes.LZ4])(
    'become the same event, with compression %i',
    async (compression) => {
      const messages = names.map((name, at) => ({
        key: name,
        headers: { shipper: name },
        value: shapes[name]!(`/c${compression}/s${at}`),
      }));
      await cluster.producer.send({ topic, messages, compression });
      const paths = names.map((_, at) => `/c${compression}/s${at}`);
      const found = await until(stored, (events) => paths.every((path) => events.has(path))).catch(async (error: unknown) => {
        const letters = await fetch(`${elastic!.url}/logs-gatewatch.dead_letters-${namespace}/_search?size=20`);
        throw new Error(`${String(error)}\n${(await letters.text()).slice(0, 3000)}`);
      });
      for (const [at, path] of paths.entries()) {
        expect([names[at], found.get(path)]).toEqual([
          names[at],
          expect.objectContaining({
            '@timestamp': '2026-11-20T10:00:00.000Z',
            source: expect.objectContaining({ ip: '203.0.113.9' }) as unknown,
            user: expect.objectContaining({ name: 'alice' }) as unknown,
          }),
        ]);
      }
    },
  );
});
