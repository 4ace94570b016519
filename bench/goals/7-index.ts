import { BenchCluster, ClusterProcess, cpuOf, until } from '../cluster.js';
import { median } from '../measure.js';
import { RawBulk, sameTemplate } from '../raw-bulk.js';
import { amount, atLeast, secondsOf, times } from '../report.js';
import { rateBetween, type Stretch } from '../stored-rate.js';
import type { Workload } from '../workload.js';
import type { Goal } from './goal.js';

const prefix = 'index';
const warmUps = 2;

/** The index task from Kafka, against the same documents sent by hand. */
export const indexTask: Goal = {
  number: 7,
  title: 'index task Kafka → Elasticsearch ÷ raw _bulk of the same documents, 4 in flight (documents per second, wall)',
  must: '≥ 0.7',
  aim: '≥ 0.9',
  async run({ options, workload }) {
    const log = await workload.access(options.lines ?? 100_000);
    const cluster = await BenchCluster.start({ elasticsearch: true });
    try {
      const raw = await prepare(cluster, workload, log.path);
      // The engine compiles itself while it runs: what it has not done before is no measure of it.
      for (let warm = 0; warm < warmUps; warm++) await raw.send(cluster, `logs-gatewatch.events-raw-warm${warm}`);
      const rounds: Round[] = [];
      for (let round = 0; round < options.rounds; round++) {
        const stream = `raw${round}`;
        const before = cpuOf(cluster.elastic!.pid()!);
        const seconds = await raw.send(cluster, `logs-gatewatch.events-${stream}`);
        const engine = cpuOf(cluster.elastic!.pid()!) - before;
        rounds.push({ raw: raw.documents / seconds, rawEngine: engine, ...(await indexed(cluster, workload, { raw, round })) });
      }
      return outcome(raw, rounds);
    } finally {
      await cluster.stop();
    }
  },
};

interface Round extends Stretch {
  /** Documents a second by hand. */
  readonly raw: number;
  /** Processor seconds of Elasticsearch, by hand and for the index task. */
  readonly rawEngine: number;
  readonly engine: number;
}

/** Lines become events once; their documents are what is indexed again and again. */
async function prepare(cluster: BenchCluster, workload: Workload, path: string): Promise<RawBulk> {
  await cluster.topic(`${prefix}-access`);
  await cluster.fill(`${prefix}-access`, path);
  const ingest = await ClusterProcess.start('ingest', workload.write('cluster.yml', cluster.settings({ prefix })));
  await until('all lines to be read', async () => (await ingest.lag('ingest')) === 0 && (await ingest.lag('index')) === 0, 500);
  await ingest.stop();
  await sameTemplate(cluster, prefix, 'logs-gatewatch.events-raw*');
  return RawBulk.read(cluster, `${prefix}.events`);
}

/** A process that has nothing to do but to index: its place is forgotten, and it writes to streams of another name. */
async function indexed(
  cluster: BenchCluster,
  workload: Workload,
  { raw, round }: { raw: RawBulk; round: number },
): Promise<Stretch & { readonly engine: number }> {
  const state = `${prefix}.state.index.events`;
  await cluster.admin.deleteTopics({ topics: [state] });
  await until('the place to be forgotten', async () => !(await cluster.admin.listTopics()).includes(state));
  const namespace = `index${round}`;
  const before = cpuOf(cluster.elastic!.pid()!);
  const ingest = await ClusterProcess.start('ingest', workload.write('cluster.yml', cluster.settings({ prefix, namespace })));
  try {
    const stretch = await rateBetween(() => cluster.written(namespace), raw.documents, { cpu: () => ingest.cpu() });
    return { ...stretch, engine: cpuOf(cluster.elastic!.pid()!) - before };
  } finally {
    await ingest.stop();
  }
}

function outcome(raw: RawBulk, rounds: readonly Round[]): Awaited<ReturnType<Goal['run']>> {
  const found = median(rounds.map((round) => round.rate / round.raw));
  const micros = (seconds: number, documents: number): string => `${((seconds / documents) * 1e6).toFixed(1)} µs`;
  return {
    measured: true,
    figure: found,
    shown: times(found),
    verdict: atLeast(found, 0.7, 0.9),
    tables: [
      {
        head: ['round', 'raw/s', 'index task/s', 'ratio', 'took', 'our CPU a document', 'engine', 'engine, raw'],
        rows: rounds.map((round, at) => [
          String(at + 1),
          amount(round.raw),
          amount(round.rate),
          times(round.rate / round.raw),
          secondsOf(round.seconds),
          micros(round.cpu, round.counted),
          micros(round.engine, raw.documents),
          micros(round.rawEngine, raw.documents),
        ]),
      },
    ],
    notes: [
      `gatewatch ingest --config FILE with all lines read before and the place of its index tasks forgotten; ${amount(raw.documents)} documents of ${amount(raw.bytes / raw.documents)} bytes`,
      'raw: bodies of 4 MiB made before, the same ids and the same template; the index task is measured from the first documents that are written to the last',
    ],
    bound: 'Elasticsearch itself: it takes most of both cores in either case',
  };
}
