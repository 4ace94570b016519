import { BenchCluster, ClusterProcess } from '../cluster.js';
import { median } from '../measure.js';
import { RawBulk, sameTemplate } from '../raw-bulk.js';
import { amount, atLeast, secondsOf, times } from '../report.js';
import { rateBetween, type Stretch } from '../stored-rate.js';
import { topicBytes } from '../topic-bytes.js';
import type { Workload } from '../workload.js';
import type { Goal } from './goal.js';

/** The whole of the distributed mode on one machine, against storing its documents by hand. */
export const wholePipeline: Goal = {
  number: 8,
  title: 'Kafka → stored and detected ÷ raw _bulk of the same documents, all on one machine (events per second, wall)',
  must: '≥ 0.3',
  aim: '≥ 0.45',
  async run({ options, workload }) {
    const log = await workload.access(options.lines ?? 100_000);
    const cluster = await BenchCluster.start({ elasticsearch: true });
    try {
      const rounds: Round[] = [];
      // The first is not counted: the engines compile themselves while they run.
      await measure(cluster, workload, { path: log.path, lines: log.lines, round: options.rounds });
      for (let round = 0; round < options.rounds; round++)
        rounds.push(await measure(cluster, workload, { path: log.path, lines: log.lines, round }));
      return outcome(rounds, await topicBytes(cluster, 'pipeline0', log.lines));
    } finally {
      await cluster.stop();
    }
  },
};

interface Round extends Stretch {
  readonly raw: number;
  readonly ingestCpu: number;
  readonly detectorCpu: number;
  readonly documents: number;
}

async function measure(
  cluster: BenchCluster,
  workload: Workload,
  { path, lines, round }: { path: string; lines: number; round: number },
): Promise<Round> {
  const prefix = `pipeline${round}`;
  await cluster.topic(`${prefix}-access`);
  await cluster.fill(`${prefix}-access`, path);
  const config = workload.write('cluster.yml', cluster.settings({ prefix }));
  const [ingest, detector] = await Promise.all([ClusterProcess.start('ingest', config), ClusterProcess.start('detector', config)]);
  let stretch: Stretch;
  let cpus: { readonly ingestCpu: number; readonly detectorCpu: number };
  try {
    const counted = async (): Promise<boolean> =>
      (await ingest.lag('ingest')) === 0 && (await detector.lag('match')) === 0 && (await detector.lag('windows')) === 0;
    stretch = await rateBetween(() => cluster.written(prefix), lines, { cpu: () => ingest.cpu() + detector.cpu(), done: counted });
    cpus = { ingestCpu: ingest.cpu(), detectorCpu: detector.cpu() };
  } finally {
    await Promise.all([ingest.stop(), detector.stop()]);
  }
  const raw = await RawBulk.read(cluster, `${prefix}.events`);
  await sameTemplate(cluster, prefix, 'logs-gatewatch.events-raw*');
  const seconds = await raw.send(cluster, `logs-gatewatch.events-raw${round}`);
  return { ...stretch, ...cpus, raw: raw.documents / seconds, documents: raw.documents };
}

function outcome(rounds: readonly Round[], bytes: readonly (readonly string[])[]): Awaited<ReturnType<Goal['run']>> {
  const found = median(rounds.map((round) => round.rate / round.raw));
  const micros = (seconds: number, { documents }: Round): string => `${((seconds / documents) * 1e6).toFixed(1)} µs`;
  return {
    measured: true,
    figure: found,
    shown: times(found),
    verdict: atLeast(found, 0.3, 0.45),
    tables: [
      {
        head: ['round', 'raw/s', 'pipeline/s', 'ratio', 'took', 'ingest CPU an event', 'detector CPU an event'],
        rows: rounds.map((round, at) => [
          String(at + 1),
          amount(round.raw),
          amount(round.rate),
          times(round.rate / round.raw),
          secondsOf(round.seconds),
          micros(round.ingestCpu, round),
          micros(round.detectorCpu, round),
        ]),
      },
      { head: ['topic', 'bytes an event on disk'], rows: bytes },
    ],
    notes: [
      'gatewatch ingest and gatewatch detector, a process each, started on a topic that is full; from the first documents stored until all are stored and counted',
      'processor time includes the start of the processes',
    ],
    bound: 'two cores for Kafka, Elasticsearch, parsing, matching and windows at once',
  };
}
