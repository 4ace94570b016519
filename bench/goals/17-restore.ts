import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { BenchCluster, ClusterProcess, until } from '../cluster.js';
import { median } from '../measure.js';
import { amount, atMost, secondsOf } from '../report.js';
import { topicBytes } from '../topic-bytes.js';
import type { Workload } from '../workload.js';
import type { Goal } from './goal.js';

const prefix = 'restore';
const state = `${prefix}.state.windows.matches`;

/** A task with a million keys comes back after its process was killed. */
export const restoreTask: Goal = {
  number: 17,
  title: 'a windows task with a million keys is back after a SIGKILL (beyond the start of a process without state)',
  must: '≤ 15 s',
  aim: '≤ 5 s',
  async run({ options, workload }) {
    const keys = options.lines ?? 1_000_000;
    const cluster = await BenchCluster.start({ elasticsearch: false });
    try {
      const config = workload.write('cluster.yml', cluster.settings({ prefix, partitions: 1, more: { detection: detection(workload) } }));
      await cluster.topic(`${prefix}-access`);
      const empty = await startUp(config, 0);
      const counted = await count(cluster, workload, { keys, config });
      const rounds: number[] = [];
      for (let round = 0; round < options.rounds; round++) rounds.push(await startUp(config, keys));
      const bytes = (await topicBytes(cluster, prefix, keys)).find(([topic]) => topic === state)?.[1] ?? '–';
      const found = median(rounds) - empty;
      return {
        measured: true,
        figure: found,
        shown: secondsOf(found),
        verdict: atMost(found, 15, 5),
        tables: [
          {
            head: ['keys', 'start without state', 'start with it', 'bytes a key on the topic', 'counted before in'],
            rows: [[amount(keys), secondsOf(empty), secondsOf(median(rounds)), bytes, secondsOf(counted)]],
          },
        ],
        notes: [
          'gatewatch detector --config FILE, one partition, one rule that counts by address over a day; from the start of the process until all tasks read on',
        ],
        bound: 'reading the packets of the state topic, and filling the columns of the window',
      };
    } finally {
      await cluster.stop();
    }
  },
};

function detection(workload: Workload): object {
  const rule = {
    title: 'refused',
    id: '5b0c1d1e-0000-4000-8000-000000000101',
    name: 'refused',
    status: 'test',
    logsource: { category: 'webserver' },
    detection: { selection: { 'http.response.status_code': 401 }, condition: 'selection' },
    level: 'low',
  };
  const burst = {
    title: 'refused often',
    id: '5b0c1d1e-0000-4000-8000-000000000102',
    status: 'test',
    correlation: { type: 'event_count', rules: ['refused'], 'group-by': ['source.ip'], timespan: '1d', condition: { gte: 10 } },
    level: 'medium',
  };
  const file = workload.write('rules.yml', [rule, burst].map((one) => JSON.stringify(one)).join('\n---\n'));
  return { shipped: false, rules: [file], max_keys: 4_000_000 };
}

/** One refused login from each of so many addresses is counted and saved; then the process is killed. Gives seconds. */
async function count(cluster: BenchCluster, workload: Workload, { keys, config }: { keys: number; config: string }): Promise<number> {
  const path = workload.file('addresses.log');
  const out = createWriteStream(path);
  for (let key = 0; key < keys; key++) {
    const address = `${20 + (key >> 24)}.${(key >> 16) & 255}.${(key >> 8) & 255}.${key & 255}`;
    const line = `${address} - - [${workload.end.slice(8, 10)}/${month(workload.end)}/${workload.end.slice(0, 4)}:00:00:00 +0000] "POST /login HTTP/1.1" 401 87 "-" "-"\n`;
    if (!out.write(line)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  await cluster.fill(`${prefix}-access`, path);
  const ingest = await ClusterProcess.start('ingest', config);
  await until('all lines to be read', async () => (await ingest.lag('ingest')) === 0, 500);
  await ingest.stop();
  const started = performance.now();
  const detector = await ClusterProcess.start('detector', config);
  const settled = async (): Promise<boolean> => (await detector.lag('match', 1)) === 0 && (await detector.lag('windows', 1)) === 0;
  await until('all events to be counted', settled, 500);
  const seconds = (performance.now() - started) / 1000;
  // In order: then everything is saved, and the rounds that follow are killed.
  await detector.stop();
  return seconds;
}

/** From the start of a process until its tasks have the keys that they had. */
async function startUp(config: string, keys: number): Promise<number> {
  const started = performance.now();
  const detector = await ClusterProcess.start('detector', config);
  const back = async (): Promise<boolean> =>
    (await detector.lag('match', 1)) !== undefined && (await detector.lag('windows', 1)) !== undefined && (await detector.keys()) >= keys;
  await until('the tasks to be back', back, 50);
  const seconds = (performance.now() - started) / 1000;
  await detector.kill();
  return seconds;
}

function month(date: string): string {
  return ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][Number(date.slice(5, 7)) - 1]!;
}
