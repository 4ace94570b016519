import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { coverageDocument, coverageOfParts, type LedgerPart } from '#detection';
import { elasticsearchOrSkip, kafkaOrSkip } from '../../tools/engines/ready.js';
import { gatewatch, Service, until } from '../e2e/gatewatch-process.js';
import { ClusterProcess, factOf, TestCluster, writeSettings } from './cluster-processes.js';
import { freshNamespace } from './elastic-engine.js';

const dir = mkdtempSync(join(tmpdir(), 'gatewatch-watched-'));
const [kafka, elastic] = await Promise.all([kafkaOrSkip(), elasticsearchOrSkip()]);
const bin = fileURLToPath(new URL('../../bin/gatewatch.js', import.meta.url));
const prefix = 'watched';
const topic = `${prefix}-access`;
const namespace = freshNamespace();
const driftRule = 'gatewatch-format-drift';
const running: ClusterProcess[] = [];
let cluster: TestCluster;
let lines: string[];

interface Alert {
  readonly event: { readonly start: string; readonly end: string };
  readonly rule: { readonly id: string };
  readonly gatewatch: { readonly signal: { readonly group: Record<string, string>; readonly count: number } };
}
interface Coverage {
  readonly sources: readonly { readonly source: string; readonly ranges: readonly unknown[] }[];
  readonly rules: readonly { readonly rule: string; readonly versions: readonly { readonly version: string }[] }[];
}
interface Told {
  readonly drifts: readonly string[];
  readonly coverage: Coverage;
}

/** What of a ledger does not depend on the wall clock. */
const evaluated = ({ sources, rules }: Coverage): unknown => [
  sources,
  rules.map(({ rule, versions }) => [rule, versions.map(({ version }) => version)]).sort(),
];

async function embedded(file: string): Promise<Told> {
  const config = join(dir, 'embedded.yml');
  const source = { name: 'edge', time_zone: 'UTC', follow: [file] };
  writeFileSync(config, JSON.stringify({ detection: { idle_after: '1h' }, sources: [source] }));
  const service = await Service.start(['--config', config, '--data', join(dir, 'data')]);
  try {
    const key = service.keys().read;
    const signals = (): Promise<Alert[]> => service.all<Alert>('/v1/signals?limit=1000', key);
    await until(signals, (all) => all.some(({ rule, gatewatch: { signal } }) => rule.id === driftRule && signal.count >= 3), 60);
    const answer = await fetch(`${service.url}/v1/coverage`, { headers: { authorization: `Bearer ${key}` } });
    const drifts = (await signals())
      .filter(({ rule }) => rule.id === driftRule)
      .map(({ rule, event, gatewatch: { signal } }) =>
        factOf({ rule: rule as never, ...signal, first: Date.parse(event.start), last: Date.parse(event.end) }),
      );
    return { drifts, coverage: ((await answer.json()) as { data: Coverage }).data };
  } finally {
    await service.kill('SIGTERM');
  }
}

async function distributed(): Promise<Coverage | undefined> {
  const answer = await fetch(`${elastic!.url}/gatewatch.coverage-${namespace}/_search`);
  if (!answer.ok) return undefined;
  const { hits } = (await answer.json()) as { hits: { hits: { _source: { part: LedgerPart } }[] } };
  const report = coverageOfParts(hits.hits.map(({ _source }) => _source.part));
  return report && (coverageDocument(report) as unknown as Coverage);
}

beforeAll(async () => {
  if (!kafka || !elastic) return;
  const file = join(dir, 'day.ndjson');
  const args = ['--lines', '1000', '--format', 'ecs', '--seed', '7', '--end', '2026-11-20T00:00:00Z'];
  expect((await gatewatch(['generate', ...args, '--out', file])).code).toBe(0);
  const good = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  // Somebody else writes into the log, for long enough that it is told three times.
  lines = [...good, ...Array.from({ length: 300 }, (_, at) => `%% worker ${at} of something else`)];
  writeFileSync(file, `${lines.join('\n')}\n`);
  cluster = new TestCluster(kafka.brokers);
  await cluster.connect();
  await cluster.topic(topic, 1);
});

afterAll(async () => {
  for (const process of running) await process.end('SIGKILL');
  await cluster?.close();
  await elastic?.stop();
  await kafka?.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe.skipIf(!kafka || !elastic)('sources of the distributed mode', () => {
  it('are watched over as in the embedded mode, whoever is killed meanwhile: format drift and coverage are told the same', async () => {
    const expected = await embedded(join(dir, 'day.ndjson'));
    expect(expected.drifts).toHaveLength(1);
    const more = { detection: { idle_after: '1h', checkpoint_every: '500ms' } };
    const config = writeSettings(dir, { brokers: kafka!.brokers, elasticsearch: elastic!.url, namespace, prefix, more });
    const start = async (): Promise<void> => {
      for (const name of ['ingest', 'detector']) running.push(await ClusterProcess.start(name, config));
    };
    await start();
    const watch = await cluster.signals(prefix);
    const drifts = (): string[] => watch.facts().filter((fact) => fact.startsWith(driftRule));
    await cluster.send(topic, lines.slice(0, 1070), 1);
    await until(
      async () => drifts().length,
      (count) => count > 0,
      120,
    );
    for (const process of running) await process.end('SIGKILL');
    await start();
    await cluster.send(topic, lines.slice(1070), 1);
    const log = (): string => running.map(({ output }) => output.slice(-2000)).join('\n---\n');
    await until(
      async () => drifts().join(),
      (found) => found === expected.drifts.join(),
      120,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)} expected ${expected.drifts.join()}, found ${drifts().join()}\n${log()}`);
    });
    expect(watch.contradicted).toEqual([]);
    const same = JSON.stringify(evaluated(expected.coverage));
    const told = await until(distributed, (found) => found !== undefined && JSON.stringify(evaluated(found)) === same, 60).catch(
      distributed,
    );
    expect(told && evaluated(told)).toEqual(evaluated(expected.coverage));
  });

  it('are not read on where keys would move: a topic with more partitions than its state is refused, and health says what to do', async () => {
    for (const process of running.slice(-2)) expect(await process.end('SIGTERM'), process.output.slice(-2000)).toBe(0);
    await cluster.admin.createPartitions({ topicPartitions: [{ topic: `${prefix}.matches`, count: 5 }] });
    const port = await freePort();
    const more = { http: { port }, detection: { idle_after: '1h' } };
    const config = writeSettings(dir, { brokers: kafka!.brokers, elasticsearch: elastic!.url, namespace, prefix, more });
    const child = spawn(process.execPath, [bin, 'detector', '--config', config], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.on('close', resolve));
    try {
      const look = (): Promise<string> =>
        fetch(`http://127.0.0.1:${port}/health/ready`).then(
          async (answer) => `${answer.status} ${await answer.text()}`,
          () => '',
        );
      const told = await until(look, (text) => text.includes('trouble'), 60);
      expect(told).toMatch(/^503 /);
      expect(told).toMatch(/watched\.matches has 5 partitions and had 3 when its state \(watched\.state\.windows\.matches\) was begun/);
      expect(told).toContain('Stop all detectors and delete both topics');
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
