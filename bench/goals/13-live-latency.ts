import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { BurstPlan, type Burst } from '../bursts.js';
import { batchesASecond, httpDoor, LiveTraffic, ordinaryLines } from '../live-traffic.js';
import { median, percentile } from '../measure.js';
import { Receiver } from '../receiver.js';
import { amount, atMost, megabytes, millisOf } from '../report.js';
import { RunningService } from '../service.js';
import type { Goal } from './goal.js';

const patience = 10_000;

/** Live latency at a steady rate. */
export const liveLatency: Goal = {
  number: 13,
  title: 'live record → webhook received, embedded, at 5,000 events/s (p99)',
  must: '≤ 1 s',
  aim: '≤ 250 ms',
  async run({ options, workload }) {
    const { seconds, rate } = options;
    const plan = BurstPlan.ofLogins();
    const receiver = await Receiver.start((body) => plan.told(body));
    const data = dirname(workload.file('data'));
    try {
      const ordinary = await ordinaryLines(workload, { seconds, rate });
      const config = workload.write('gatewatch.yml', JSON.stringify({ alerting: receiver.settings() }));
      const service = await RunningService.start(['--config', config, '--data', data]);
      const traffic = new LiveTraffic(httpDoor(service), ordinary, rate);
      return await live(plan, { service, traffic, seconds });
    } finally {
      receiver.close();
      rmSync(data, { recursive: true, force: true });
    }
  },
};

interface LiveRun {
  readonly service: RunningService;
  readonly traffic: LiveTraffic;
  readonly seconds: number;
}

async function live(plan: BurstPlan, { service, traffic, seconds }: LiveRun): Promise<Awaited<ReturnType<Goal['run']>>> {
  const started = performance.now();
  try {
    const looking = plan.look((address) => isFound(service, plan.rule, address), seconds * 1000 + patience);
    await traffic.run(seconds, (batch, stamp) => plan.lines(batch, seconds, stamp));
    const took = (performance.now() - started) / 1000;
    await plan.allTold(patience);
    plan.stop();
    await looking;
    return outcome(plan, { rate: traffic.sent / took, traffic, service });
  } finally {
    plan.stop();
    await service.stop();
  }
}

async function isFound(service: RunningService, rule: string, address: string): Promise<boolean> {
  const query = new URLSearchParams({ rule, 'source.ip': address, limit: '1' });
  return (await service.get<{ data: unknown[] }>(`/v1/signals?${query.toString()}`)).data.length > 0;
}

function outcome(
  plan: BurstPlan,
  { rate, traffic, service }: { rate: number; traffic: LiveTraffic; service: RunningService },
): Awaited<ReturnType<Goal['run']>> {
  const told = delaysOf(plan.complete, 'told');
  const { figure, shown } = toldFigure(plan);
  return {
    measured: true,
    figure,
    shown,
    verdict: atMost(figure, 1000, 250),
    tables: [
      {
        head: ['from the sending of the completing record', 'signals', 'p50', 'p95', 'p99', 'most'],
        rows: [
          delayRow('webhook received', told),
          delayRow('found by GET /v1/signals', delaysOf(plan.complete, 'found')),
          delayRow('answer 202 (every batch)', traffic.answerMillis),
        ],
      },
    ],
    notes: [
      `gatewatch start --config FILE --data NEW --port 0; ${amount(rate)} events/s sent in batches each ${1000 / batchesASecond} ms to POST /v1/logs, ${traffic.refused} refused; peak RSS ${megabytes(service.memory.peak)}`,
      'bursts of login_burst, two a second; the record that completes one is sent half a second after the others; one burst in four is looked for each 25 ms',
    ],
    bound:
      'signals are committed at most 50 ms after they arise, one message at a time goes to a receiver, and each step waits for the disk',
  };
}

/** Milliseconds from the completing record to an event of a burst's life, for those that had it. */
export function delaysOf(bursts: readonly Burst[], what: 'told' | 'found'): number[] {
  return bursts.flatMap((burst) => (burst[what] === undefined ? [] : [burst[what] - burst.completed]));
}

/** The 99th percentile; infinite when a burst was never told. */
export function toldFigure(plan: BurstPlan): { readonly figure: number; readonly shown: string } {
  const told = delaysOf(plan.complete, 'told');
  const lost = plan.complete.length - told.length;
  if (lost) return { figure: Infinity, shown: `${lost} of ${plan.complete.length} never told` };
  const figure = percentile(told, 0.99);
  return { figure, shown: `${millisOf(figure)} (p50 ${millisOf(median(told))}, ${told.length} signals)` };
}

export function delayRow(name: string, values: readonly number[]): string[] {
  const figures = values.length ? [median(values), percentile(values, 0.95), percentile(values, 0.99), Math.max(...values)] : [];
  return [name, String(values.length), ...figures.map(millisOf)];
}
