import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elasticsearchOrSkip, kafkaOrSkip } from '../../tools/engines/ready.js';
import { gatewatch, until } from '../e2e/gatewatch-process.js';
import { ClusterProcess, difference, TestCluster, writeSettings, type SignalWatch } from './cluster-processes.js';
import { freshNamespace } from './elastic-engine.js';

const dir = mkdtempSync(join(tmpdir(), 'gatewatch-rebalance-'));
const [kafka, elastic] = await Promise.all([kafkaOrSkip(), elasticsearchOrSkip()]);
const lines = 24_000;
const running: ClusterProcess[] = [];
let cluster: TestCluster;
let sent: string[];
let undisturbed: string[];

const config = (prefix: string): string =>
  writeSettings(dir, { brokers: kafka!.brokers, elasticsearch: elastic!.url, namespace: freshNamespace(), prefix });

async function started(name: string, file: string): Promise<ClusterProcess> {
  const process = await ClusterProcess.start(name, file);
  running.push(process);
  return process;
}

const settled = (watch: SignalWatch, expected: readonly string[]): Promise<unknown> =>
  until(
    async () => difference(expected, watch.facts()),
    ({ missing, foreign }) => missing.length + foreign.length === 0,
    180,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${running.map(({ output }) => output.slice(-3000)).join('\n---\n')}`);
  });

beforeAll(async () => {
  if (!kafka || !elastic) return;
  const file = join(dir, 'day.ndjson');
  const args = ['--lines', String(lines), '--format', 'ecs', '--disorder', '60s', '--seed', '11', '--end', '2026-11-20T00:00:00Z'];
  expect((await gatewatch(['generate', ...args, '--out', file])).code).toBe(0);
  sent = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  cluster = new TestCluster(kafka.brokers);
  await cluster.connect();
});

afterAll(async () => {
  for (const process of running) await process.end('SIGKILL');
  await cluster?.close();
  await elastic?.stop();
  await kafka?.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe.skipIf(!kafka || !elastic)('detectors that come and go', () => {
  it('one detector, undisturbed, says what is to be found', async () => {
    const prefix = 'calm';
    const file = config(prefix);
    await cluster.topic(`${prefix}-access`, 3);
    const [ingest, detector] = [await started('ingest', file), await started('detector', file)];
    const watch = await cluster.signals(prefix);
    await cluster.send(`${prefix}-access`, sent, 3);
    let before = '';
    let same = 0;
    undisturbed = await until(
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 5000));
        return watch.facts();
      },
      (facts) => {
        same = facts.length > 20 && facts.join() === before ? same + 1 : 0;
        before = facts.join();
        return same === 3;
      },
      180,
    );
    for (const process of [ingest, detector]) expect(await process.end('SIGTERM')).toBe(0);
  });

  it('find the same from one to three to two, one killed, one thrown out and woken as a zombie', async () => {
    const prefix = 'storm';
    const topic = `${prefix}-access`;
    const file = config(prefix);
    await cluster.topic(topic, 3);
    await started('ingest', file);
    const first = await started('detector', file);
    const watch = await cluster.signals(prefix);
    const part = Math.ceil(sent.length / 6);
    const sendPart = (number: number): Promise<void> => cluster.send(topic, sent.slice(number * part, (number + 1) * part), 3);
    await sendPart(0);
    const [second, third] = [await started('detector', file), await started('detector', file)];
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
    await settled(watch, undisturbed);
    for (const process of [first, third]) expect(await process.end('SIGTERM')).toBe(0);
    // What a transaction wrote was written once, whoever else tried.
    expect(watch.contradicted).toEqual([]);
  });
});
