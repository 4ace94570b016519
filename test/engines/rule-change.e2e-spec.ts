import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kafkaOrSkip } from '../../tools/engines/ready.js';
import { gatewatch, until } from '../e2e/gatewatch-process.js';
import { ClusterProcess, difference, TestCluster, writeSettings, type SignalWatch } from './cluster-processes.js';

const dir = mkdtempSync(join(tmpdir(), 'gatewatch-rules-'));
const kafka = await kafkaOrSkip();
const running: ClusterProcess[] = [];
let cluster: TestCluster;
let sent: string[];

const added = `title: Any answer counts
id: 5d2c5b4e-9f5a-4f0e-8a52-2b9f6f1a7c01
name: any-answer
logsource: { category: webserver }
detection:
  selection: { http.response.status_code|exists: true }
  condition: selection
level: low
---
title: Twenty answers for one address
id: 5d2c5b4e-9f5a-4f0e-8a52-2b9f6f1a7c02
correlation:
  type: event_count
  rules: [any-answer]
  group-by: [source.ip]
  timespan: 10m
  condition: { gte: 20 }
level: low
`;
const addedId = '5d2c5b4e-9f5a-4f0e-8a52-2b9f6f1a7c02';

interface Site {
  readonly prefix: string;
  readonly config: string;
  readonly rules: string;
}

async function started(name: string, { config }: Site): Promise<ClusterProcess> {
  const process = await ClusterProcess.start(name, config);
  running.push(process);
  return process;
}

/** A site of its own: topics, and rule files that a publisher has and detectors do not. */
async function site(prefix: string): Promise<Site & { readonly publisher: string }> {
  const rules = join(dir, `${prefix}-rules`);
  mkdirSync(rules);
  const over = { brokers: kafka!.brokers, elasticsearch: 'http://127.0.0.1:9', namespace: prefix, prefix };
  const detection = { idle_after: '1h', checkpoint_every: '2s' };
  const config = writeSettings(dir, { ...over, more: { detection } });
  mkdirSync(join(dir, `${prefix}-publisher`));
  const publisher = writeSettings(join(dir, `${prefix}-publisher`), { ...over, more: { detection: { ...detection, rules: [rules] } } });
  await cluster.topic(`${prefix}-access`, 3);
  return { prefix, config, rules, publisher };
}

/** Waits until the tasks of a stage have taken everything. */
const drained = (process: ClusterProcess, stage: string): Promise<unknown> =>
  until(
    async () => {
      const tasks = ((await process.health()).checks[stage] as { tasks?: { lag?: number }[] } | undefined)?.tasks ?? [];
      return tasks.length >= 3 && tasks.every(({ lag }) => lag === 0);
    },
    (done) => done,
    90,
  );

async function same(expected: () => string[], watch: SignalWatch): Promise<void> {
  await until(
    () => Promise.resolve(difference(expected(), watch.facts())),
    ({ missing, foreign }) => missing.length + foreign.length === 0,
    90,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${running.map(({ output }) => output.slice(-2000)).join('\n---\n')}`);
  });
}

beforeAll(async () => {
  if (!kafka) return;
  const file = join(dir, 'day.ndjson');
  const args = ['--lines', '8000', '--format', 'ecs', '--disorder', '30s', '--seed', '11', '--end', '2026-11-20T00:00:00Z'];
  expect((await gatewatch(['generate', ...args, '--out', file])).code).toBe(0);
  sent = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  cluster = new TestCluster(kafka.brokers);
  await cluster.connect();
});

afterAll(async () => {
  for (const process of running) await process.end('SIGKILL');
  await cluster?.close();
  await kafka?.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe.skipIf(!kafka)('rules that are published while detectors run', () => {
  const half = 4000;
  let calm: SignalWatch;

  it('hold from one place on, and the others keep their windows', async () => {
    const one = await site('calm');
    const ingest = await started('ingest', one);
    const detector = await started('detector', one);
    calm = await cluster.signals('calm');
    await cluster.send('calm-access', sent.slice(0, half), 3);
    await until(() => ingest.metrics(), (text) => counted(text) >= half, 60); // prettier-ignore
    await drained(detector, 'match');
    writeFileSync(join(one.rules, 'added.yml'), added);
    const published = await gatewatch(['rules', 'publish', '--config', one.publisher]);
    expect([published.code, published.stdout]).toEqual([0, expect.stringContaining('are in force from here on')]);
    await cluster.send('calm-access', sent.slice(half), 3);
    await until(() => Promise.resolve([...calm.newest.values()].some(({ rule }) => rule.id === addedId)), (found) => found, 60); // prettier-ignore
    await until(() => ingest.metrics(), (text) => counted(text) >= sent.length, 60); // prettier-ignore
    await drained(detector, 'match');
    await drained(detector, 'windows');
    await quiet(calm);
    const hashes = new Set([...calm.newest.values()].map(({ provenance }) => provenance?.rules));
    const made = [...calm.newest.values()].filter(({ rule }) => rule.id === addedId);
    expect(new Set(made.map(({ provenance }) => provenance?.rules)).size).toBe(1);
    expect(hashes).toContain(made[0]!.provenance!.rules);
    expect((await detector.health()).checks['rules']).toMatchObject({ hash: made[0]!.provenance!.rules });
    expect(nameless(calm)).toEqual([]);
    // A rule set that cannot be used is refused as a whole.
    writeFileSync(join(one.rules, 'broken.yml'), 'title: no rule\n');
    const refused = await gatewatch(['rules', 'publish', '--config', one.publisher]);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('the rules before stay in force')]);
    expect((await detector.health()).checks['rules']).toMatchObject({ hash: made[0]!.provenance!.rules });
    for (const process of running.splice(0)) expect(await process.end('SIGTERM'), process.output.slice(-2000)).toBe(0);
  });

  it('give the same signals with two detectors that are behind, one of them killed after it', async () => {
    const two = await site('rough');
    const ingest = await started('ingest', two);
    const seen = await cluster.signals('rough');
    const [first, second] = await Promise.all([started('detector', two), started('detector', two)]);
    await until(() => first.health(), ({ status }) => status === 'ready', 60); // prettier-ignore
    await until(() => second.health(), ({ status }) => status === 'ready', 60); // prettier-ignore
    // They stand still while half of the day comes, so that the change meets them under load and one before the other.
    second.signal('SIGSTOP');
    await cluster.send('rough-access', sent.slice(0, half), 3);
    await until(() => ingest.metrics(), (text) => counted(text) >= half, 60); // prettier-ignore
    writeFileSync(join(two.rules, 'added.yml'), added);
    expect((await gatewatch(['rules', 'publish', '--config', two.publisher])).code).toBe(0);
    second.signal('SIGCONT');
    await cluster.send('rough-access', sent.slice(half, half + 2000), 3);
    await until(() => Promise.resolve([...seen.newest.values()].some(({ rule }) => rule.id === addedId)), (found) => found, 60); // prettier-ignore
    await first.end('SIGKILL');
    await cluster.send('rough-access', sent.slice(half + 2000), 3);
    await same(() => calm.facts(), seen);
    expect(seen.contradicted).toEqual([]);
    expect(nameless(seen)).toEqual([]);
  });
});

/** Events that ingest has made. */
function counted(metrics: string): number {
  return Number(/gatewatch_ingest_events_total\{source="edge"\} (\d+)/.exec(metrics)?.[1] ?? 0);
}

/** Signals with evidence that does not say which event it is. */
function nameless(watch: SignalWatch): string[] {
  return [...watch.newest.values()].filter(({ evidence }) => evidence.some(({ id }) => !id)).map(({ rule }) => rule.title);
}

/** Until no revision has come for two seconds. */
async function quiet(watch: SignalWatch): Promise<void> {
  let before = '';
  await until(
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 2000));
      return watch.facts().join();
    },
    (facts) => facts === before || ((before = facts), false),
  );
}
