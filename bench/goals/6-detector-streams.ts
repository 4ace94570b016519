import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BenchCluster, ClusterProcess, until } from '../cluster.js';
import { median } from '../measure.js';
import { slidingCount } from '../peers/kafka-streams.js';
import { amount, atLeast, secondsOf, times } from '../report.js';
import { rules36 } from '../rules36.js';
import type { Log, Workload } from '../workload.js';
import type { Goal } from './goal.js';

const prefix = 'detect';
const keyed = 'detect-keyed';

/** The detector with 36 rules, against Kafka Streams with one window. */
export const detectorAgainstStreams: Goal = {
  number: 6,
  title: 'detector from Kafka, 36 rules ÷ Kafka Streams, one sliding count (events per CPU second)',
  must: '≥ 3 ×',
  aim: '≥ 6 ×',
  async run({ options, workload }) {
    const log = await workload.access(options.lines ?? 200_000);
    const cluster = await BenchCluster.start({ elasticsearch: false });
    try {
      const more = { detection: { shipped: false, rules: [options.rules ?? writeRules(workload)] } };
      await prepare(cluster, workload, log);
      const rounds: Round[] = [];
      for (let round = 0; round < options.rounds; round++) {
        const ours = await detected(cluster, workload.write('cluster.yml', cluster.settings({ prefix, more })));
        rounds.push({ ours, theirs: await slidingCount(cluster, { topic: keyed, events: log.lines, round }) });
      }
      return outcome(log, rounds);
    } finally {
      await cluster.stop();
    }
  },
};

/** Seconds. */
interface Took {
  readonly cpu: number;
  readonly wall: number;
}

interface Round {
  readonly ours: Took;
  readonly theirs: Took;
}

/** The same lines as events of an installation, and for the peer under their address as the key. */
async function prepare(cluster: BenchCluster, workload: Workload, { path }: Log): Promise<void> {
  await cluster.topic(`${prefix}-access`);
  await cluster.topic(keyed);
  await cluster.fill(`${prefix}-access`, path);
  await cluster.fill(keyed, path, (line) => line.slice(0, line.indexOf(' ')));
  // There is no Elasticsearch: what is read here waits in its topic, which is all that a detector reads.
  const ingest = await ClusterProcess.start('ingest', workload.write('cluster.yml', cluster.settings({ prefix })));
  await until('all lines to be read', async () => (await ingest.lag('ingest')) === 0, 500);
  await ingest.stop();
}

/** A detector that begins at the first event: what one before it saved is forgotten. */
async function detected(cluster: BenchCluster, config: string): Promise<Took> {
  const own = (await cluster.admin.listTopics()).filter((topic) => /^detect\.(matches|signals|state\.(match|windows))/.test(topic));
  if (own.length) await cluster.admin.deleteTopics({ topics: own });
  await until('the earlier detector to be forgotten', async () => !(await cluster.admin.listTopics()).some((topic) => own.includes(topic)));
  const started = performance.now();
  const detector = await ClusterProcess.start('detector', config);
  try {
    await until('all events to be matched', async () => (await detector.lag('match')) === 0, 500);
    await until('all matches to be counted', async () => (await detector.lag('windows')) === 0, 500);
    return { cpu: detector.cpu(), wall: (performance.now() - started) / 1000 };
  } finally {
    await detector.stop();
  }
}

function writeRules(workload: Workload): string {
  const folder = join(dirname(workload.file('rules')), 'rules');
  mkdirSync(folder);
  for (const { file, text } of rules36(false)) writeFileSync(join(folder, file), text);
  return folder;
}

function outcome({ lines }: Log, rounds: readonly Round[]): Awaited<ReturnType<Goal['run']>> {
  const found = median(rounds.map(({ ours, theirs }) => theirs.cpu / ours.cpu));
  const row = (name: string, runs: readonly Took[]): string[] => {
    const [cpu, wall] = [median(runs.map((run) => run.cpu)), median(runs.map((run) => run.wall))];
    return [name, secondsOf(cpu), secondsOf(wall), amount(lines / cpu)];
  };
  return {
    measured: true,
    figure: found,
    shown: times(found),
    verdict: atLeast(found, 3, 6),
    tables: [
      {
        head: ['', 'CPU', 'wall', 'events per CPU second'],
        rows: [
          row(
            'gatewatch detector, 36 rules',
            rounds.map(({ ours }) => ours),
          ),
          row(
            'Kafka Streams, one sliding count',
            rounds.map(({ theirs }) => theirs),
          ),
        ],
      },
    ],
    notes: [
      `gatewatch detector --config FILE on ${amount(lines)} events that ingest wrote before; start-up included for both`,
      'Kafka Streams: the lines keyed by their address, no parsing but of the time, a sliding window of 60 s with a grace of 2 min, counted in RocksDB, one thread',
    ],
    bound: 'finding fields in the text of each document, and sending matches to where they are counted',
  };
}
