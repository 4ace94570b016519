import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elasticsearchOrSkip, kafkaOrSkip } from '../../tools/engines/ready.js';
import { gatewatch, Service, until } from '../e2e/gatewatch-process.js';
import { ClusterProcess, difference, factOf, TestCluster, writeSettings, type SignalWatch } from './cluster-processes.js';
import { freshNamespace } from './elastic-engine.js';

const dir = mkdtempSync(join(tmpdir(), 'gatewatch-modes-'));
const [kafka, elastic] = await Promise.all([kafkaOrSkip(), elasticsearchOrSkip()]);
const lines = 20_000;
const prefix = 'modes';
const topic = `${prefix}-access`;
const namespace = freshNamespace();
const running: ClusterProcess[] = [];
async function started(name: string, file: string): Promise<ClusterProcess> {
  const process = await ClusterProcess.start(name, file);
  running.push(process);
  return process;
}
let cluster: TestCluster;
let watch: SignalWatch;
let expected: string[];
let sent: string[];

interface AlertDocument {
  readonly event: { readonly start: string; readonly end: string };
  readonly rule: { readonly id: string };
  readonly gatewatch: { readonly signal: { readonly group: Record<string, string>; readonly count: number; readonly status: string } };
}

const count = async (stream: string, query: unknown = { match_all: {} }): Promise<number> => {
  await fetch(`${elastic!.url}/${stream}/_refresh`, { method: 'POST' });
  const answer = await fetch(`${elastic!.url}/${stream}/_count`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return answer.status === 404 ? 0 : ((await answer.json()) as { count: number }).count;
};

/** What the embedded service finds in a file. */
async function embedded(file: string): Promise<string[]> {
  const config = join(dir, 'embedded.yml');
  writeFileSync(config, 'detection: { idle_after: 1h, silence: { enabled: false } }\n');
  const service = await Service.start(['--config', config, '--data', join(dir, 'data'), '--follow', file]);
  try {
    const key = service.keys().read;
    const stored = async (): Promise<number> => {
      const text = await (await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${key}` } })).text();
      const outcome = (name: string): number =>
        Number(new RegExp(`records_total\\{source="day.ndjson",outcome="${name}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
      return outcome('stored') + outcome('duplicate');
    };
    await until(stored, (amount) => amount >= lines);
    // The last revisions follow the events.
    let before = '';
    const signals = async (): Promise<string[]> =>
      (await service.all<AlertDocument>('/v1/signals?limit=1000', key))
        .filter(({ gatewatch: { signal } }) => signal.status !== 'merged')
        .map(({ rule, event, gatewatch: { signal } }) =>
          factOf({
            rule: rule as never,
            group: signal.group,
            count: signal.count,
            first: Date.parse(event.start),
            last: Date.parse(event.end),
          }),
        )
        .sort();
    return await until(
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 1500));
        return signals();
      },
      (facts) => facts.join() === before || ((before = facts.join()), false),
    );
  } finally {
    await service.kill('SIGTERM');
  }
}

/** Waits until exactly what the embedded mode found is found. */
const settled = (watched: SignalWatch): Promise<unknown> =>
  until(
    async () => difference(expected, watched.facts()),
    ({ missing, foreign }) => missing.length + foreign.length === 0,
    180,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${running.map(({ output }) => output.slice(-3000)).join('\n---\n')}`);
  });

beforeAll(async () => {
  if (!kafka || !elastic) return;
  const file = join(dir, 'day.ndjson');
  const args = [
    '--lines',
    String(lines),
    '--format',
    'ecs',
    '--disorder',
    '60s',
    '--duplicates',
    '0.02',
    '--seed',
    '7',
    '--end',
    '2026-11-20T00:00:00Z',
  ];
  expect((await gatewatch(['generate', ...args, '--out', file])).code).toBe(0);
  expected = await embedded(file);
  sent = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  cluster = new TestCluster(kafka.brokers);
  await cluster.connect();
  await cluster.topic(topic, 3);
});

afterAll(async () => {
  for (const process of running) await process.end('SIGKILL');
  await cluster?.close();
  await elastic?.stop();
  await kafka?.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe.skipIf(!kafka || !elastic)('the distributed mode', () => {
  it('finds in a day with disorder and duplicates what the embedded mode finds', async () => {
    expect(expected.length).toBeGreaterThan(20);
    const config = writeSettings(dir, { brokers: kafka!.brokers, elasticsearch: elastic!.url, namespace, prefix });
    for (const name of ['ingest', 'detector']) await started(name, config);
    watch = await cluster.signals(prefix);
    await cluster.send(topic, sent, 3);
    await settled(watch);
    expect(watch.contradicted).toEqual([]);
  });

  it('stores every event once, and every signal', async () => {
    const unique = new Set(sent).size;
    expect(
      await until(
        () => count(`logs-gatewatch.events-${namespace}`),
        (stored) => stored >= unique,
        60,
      ),
    ).toBe(unique);
    const signals = `alerts-gatewatch.signals-${namespace}`;
    const stored = await until(
      () => count(signals),
      (amount) => amount >= watch.newest.size,
      30,
    );
    expect(stored).toBe(watch.newest.size);
  });

  it('tells how it is', async () => {
    for (const process of running) {
      const { status, checks } = await process.health();
      expect([status, checks]).toEqual(['ready', expect.anything()]);
      expect(await process.metrics()).toMatch(/gatewatch_kafka_lag_records\{task="\w+",topic="[\w.-]+",partition="0"\} 0/);
    }
    for (const process of running) expect(await process.end('SIGTERM'), process.output.slice(-3000)).toBe(0);
  });

  it('finds it with one, three and two detectors, one killed, one thrown out and woken as a zombie', async () => {
    running.length = 0;
    const file = writeSettings(dir, {
      brokers: kafka!.brokers,
      elasticsearch: elastic!.url,
      namespace: freshNamespace(),
      prefix: 'storm',
    });
    await cluster.topic('storm-access', 3);
    await started('ingest', file);
    const first = await started('detector', file);
    const seen = await cluster.signals('storm');
    const part = Math.ceil(sent.length / 6);
    const sendPart = (number: number): Promise<void> => cluster.send('storm-access', sent.slice(number * part, (number + 1) * part), 3);
    await sendPart(0);
    const [second, third] = await Promise.all([started('detector', file), started('detector', file)]);
    await sendPart(1);
    // In the middle of its work, without a word.
    await second.end('SIGKILL');
    await sendPart(2);
    // Longer than the group waits for a sign of life: its partitions go to the other, and it does not know.
    third.signal('SIGSTOP');
    await sendPart(3);
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    await sendPart(4);
    third.signal('SIGCONT');
    await sendPart(5);
    await settled(seen);
    for (const process of [first, third]) expect(await process.end('SIGTERM'), process.output.slice(-3000)).toBe(0);
    // A revision that is told again by another states the same.
    expect(seen.contradicted).toEqual([]);
  });
});
