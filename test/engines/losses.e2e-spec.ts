import { createServer, type IncomingMessage, type Server } from 'node:http';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elasticsearchOrSkip, kafkaOrSkip } from '../../tools/engines/ready.js';
import { gatewatch, until } from '../e2e/gatewatch-process.js';
import { ClusterProcess, TestCluster, writeSettings, type SignalWatch } from './cluster-processes.js';
import { freshNamespace } from './elastic-engine.js';

const dir = mkdtempSync(join(tmpdir(), 'gatewatch-losses-'));
const [kafka, elastic] = await Promise.all([kafkaOrSkip({ brokers: 3, heap: '320m' }), elasticsearchOrSkip()]);
const lines = 16_000;
const prefix = 'losses';
const topic = `${prefix}-access`;
const namespace = freshNamespace();
const running: ClusterProcess[] = [];
const told: string[] = [];
let refusing = false;
let hook: Server;
let cluster: TestCluster;
let sent: string[];
let watch: SignalWatch;

const stored = async (): Promise<number> => {
  const stream = `${elastic!.url}/logs-gatewatch.events-${namespace}`;
  try {
    await fetch(`${stream}/_refresh`, { method: 'POST' });
    return ((await (await fetch(`${stream}/_count`)).json()) as { count?: number }).count ?? 0;
  } catch {
    return 0;
  }
};

const part = (number: number): string[] => sent.slice(number * (lines / 4), (number + 1) * (lines / 4));
const settle = async <T>(ask: () => T, pause = 5000): Promise<T> => {
  let before = '';
  return until(
    async () => {
      await new Promise((resolve) => setTimeout(resolve, pause));
      return ask();
    },
    (value) => JSON.stringify(value) === before || ((before = JSON.stringify(value)), false),
    180,
  );
};

beforeAll(async () => {
  if (!kafka || !elastic) return;
  const file = join(dir, 'day.ndjson');
  const args = ['--lines', String(lines), '--format', 'ecs', '--seed', '5', '--end', '2026-11-20T00:00:00Z'];
  expect((await gatewatch(['generate', ...args, '--out', file])).code).toBe(0);
  sent = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  hook = createServer((request: IncomingMessage, response) => {
    request.resume();
    request.on('end', () => {
      if (!refusing) told.push(String(request.headers['webhook-id']));
      response.writeHead(refusing ? 503 : 200).end();
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  cluster = new TestCluster(kafka.brokers);
  await cluster.connect();
  await cluster.topic(topic, 3, 3);
  const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
  const channels = [{ type: 'webhook', url, secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}`, allow_private: true }];
  const more = {
    alerting: { receivers: [{ name: 'on-call', min_level: 'informational', send_resolved: false, max_per_minute: 1000, channels }] },
    kafka: { brokers: kafka.brokers, prefix, partitions: 3, replication: 3, timeout: '6s' },
  };
  const config = writeSettings(dir, { brokers: kafka.brokers, elasticsearch: elastic.url, namespace, prefix, more });
  for (const name of ['ingest', 'detector', 'alerting']) running.push(await ClusterProcess.start(name, config));
  watch = await cluster.signals(prefix);
});

afterAll(async () => {
  for (const process of running) await process.end('SIGKILL');
  hook?.close();
  await cluster?.close();
  await elastic?.stop();
  await kafka?.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe.skipIf(!kafka || !elastic)('an engine that is lost', () => {
  it('stores and tells while all is well', async () => {
    await cluster.send(topic, part(0), 3);
    expect(await until(stored, (count) => count >= lines / 4)).toBe(lines / 4);
    await until(
      async () => told.length,
      (count) => count > 0,
      60,
    );
  });

  it('detects and tells while Elasticsearch is down, and afterwards every event is stored once', async () => {
    if (elastic!.way === 'environment') return;
    await elastic!.kill();
    const [signals, messages] = [watch.newest.size, told.length];
    await cluster.send(topic, part(1), 3);
    await until(
      async () => watch.newest.size,
      (count) => count > signals,
      60,
    );
    await until(
      async () => told.length,
      (count) => count > messages,
      60,
    );
    // A minute under load, as an upgrade takes.
    await new Promise((resolve) => setTimeout(resolve, 45_000));
    await elastic!.start();
    expect(await until(stored, (count) => count >= lines / 2, 600)).toBe(lines / 2);
  });

  it('loses nothing and says nothing twice when one of three brokers is killed and comes back', async () => {
    if (kafka!.given) return;
    await kafka!.stopBroker(1);
    await cluster.send(topic, part(2), 3);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    await kafka!.startBroker(1);
    expect(await until(stored, (count) => count >= (lines * 3) / 4, 600)).toBe((lines * 3) / 4);
  });

  it('delivers later, and once, what a receiver would not take', async () => {
    refusing = true;
    const signals = watch.newest.size;
    const before = told.length;
    await cluster.send(topic, part(3), 3);
    await until(
      async () => watch.newest.size,
      (count) => count > signals,
      60,
    );
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(told.length).toBe(before);
    refusing = false;
    const opened = [...watch.newest.values()].filter(({ status }) => status !== 'merged');
    await until(
      async () => told.length,
      (count) => count >= opened.length,
      180,
    );
    await settle(() => told.length);
    expect(told.length).toBe(new Set(told).size);
    for (const process of running) expect(await process.end('SIGTERM')).toBe(0);
  });
});
