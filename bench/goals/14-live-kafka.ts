import { BurstPlan } from '../bursts.js';
import { BenchCluster, ClusterProcess, until } from '../cluster.js';
import { LiveTraffic, ordinaryLines, type Door, type Unstamped } from '../live-traffic.js';
import { Receiver } from '../receiver.js';
import { amount, atMost, secondsOf } from '../report.js';
import type { Workload } from '../workload.js';
import { delayRow, delaysOf, toldFigure } from './13-live-latency.js';
import type { Goal } from './goal.js';

const patience = 30_000;
/** Seconds of traffic before what is measured: code that has just started is interpreted, the brokers' too. */
const warmUp = 15;
const processes = ['ingest', 'detector', 'alerting'] as const;

/** Live latency of the distributed mode, with its store and without. */
export const liveKafka: Goal = {
  number: 14,
  title: 'Kafka → signal → webhook received at 5,000 events/s, with Elasticsearch stopped too (p99)',
  must: '≤ 2 s',
  aim: '≤ 1 s',
  async run({ options, workload }) {
    const { seconds, rate } = options;
    const ordinary = await ordinaryLines(workload, { seconds, rate });
    const cluster = await BenchCluster.start({ elasticsearch: true });
    cluster.yieldStore();
    try {
      const runs = [await live(cluster, workload, { prefix: 'stored', ordinary, seconds, rate })];
      await cluster.elastic!.kill();
      runs.push(await live(cluster, workload, { prefix: 'alone', ordinary, seconds, rate }));
      return outcome(runs);
    } finally {
      await cluster.stop();
    }
  },
};

interface LiveRun {
  readonly prefix: string;
  readonly plan: BurstPlan;
  /** Events a second that were sent. */
  readonly rate: number;
  /** Processor seconds of each process during the measured traffic. */
  readonly cpus: readonly number[];
}

async function live(
  cluster: BenchCluster,
  workload: Workload,
  { prefix, ordinary, seconds, rate }: { prefix: string; ordinary: Unstamped; seconds: number; rate: number },
): Promise<LiveRun> {
  const plan = BurstPlan.ofLogins();
  const receiver = await Receiver.start((body) => plan.told(body));
  await cluster.topic(`${prefix}-access`);
  const config = workload.write('cluster.yml', cluster.settings({ prefix, more: { alerting: receiver.settings() } }));
  const running = await Promise.all(processes.map((name) => ClusterProcess.start(name, config)));
  try {
    const [ingest, detector] = running;
    const isIdle = async (): Promise<boolean> =>
      (await ingest!.lag('ingest')) === 0 && (await detector!.lag('match')) === 0 && (await detector!.lag('windows')) === 0;
    await until('all tasks to be there', isIdle, 200);
    await new LiveTraffic(kafkaDoor(cluster, `${prefix}-access`), ordinary, rate).run(warmUp, () => '');
    await until('what came to warm up to be counted', isIdle, 200);
    const before = running.map((process) => process.cpu());
    const traffic = new LiveTraffic(kafkaDoor(cluster, `${prefix}-access`), ordinary, rate);
    const started = performance.now();
    await traffic.run(seconds, (batch, stamp) => plan.lines(batch, seconds, stamp));
    const took = (performance.now() - started) / 1000;
    await plan.allTold(patience);
    return { prefix, plan, rate: traffic.sent / took, cpus: running.map((process, at) => process.cpu() - before[at]!) };
  } finally {
    await Promise.all(running.map((process) => process.stop()));
    receiver.close();
  }
}

/** A message a line, in one request a batch, as a shipper sends; the lines of a client meet in a partition. */
function kafkaDoor(cluster: BenchCluster, topic: string): Door {
  return {
    send: async (body) => {
      const messages = body
        .trimEnd()
        .split('\n')
        .map((value) => ({ value, key: value.slice(0, value.indexOf(' ')) }));
      return cluster.producer.send({ topic, messages }).then(
        () => true,
        () => false,
      );
    },
    close: () => undefined,
  };
}

function outcome(runs: readonly LiveRun[]): Awaited<ReturnType<Goal['run']>> {
  const figures = runs.map(({ plan }) => toldFigure(plan));
  const worst = figures.reduce((one, other) => (other.figure > one.figure ? other : one));
  const names: Record<string, string> = { stored: 'with Elasticsearch', alone: 'Elasticsearch stopped' };
  return {
    measured: true,
    figure: worst.figure,
    shown: worst.shown,
    verdict: atMost(worst.figure, 2000, 1000),
    tables: [
      {
        head: ['from the sending of the completing record to the webhook', 'signals', 'p50', 'p95', 'p99', 'most'],
        rows: runs.map(({ prefix, plan }) => delayRow(names[prefix]!, delaysOf(plan.complete, 'told'))),
      },
      {
        head: ['processor time', ...processes, 'events/s sent'],
        rows: runs.map(({ prefix, cpus, rate }) => [names[prefix]!, ...cpus.map(secondsOf), amount(rate)]),
      },
    ],
    notes: [
      'gatewatch ingest, detector and alerting, a process each, beside one broker, Elasticsearch and the sender; bursts of login_burst, two a second',
    ],
    bound:
      'two cores for the sender, Kafka, Elasticsearch and three processes; behind it, waiting: a fetch, a chunk, a run, 100 ms for signals',
  };
}
