import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LiveTraffic, withoutStamps } from '../live-traffic.js';
import { median, percentile, run } from '../measure.js';
import { gatewatch } from '../product.js';
import { amount, atMost, megabytes, millisOf } from '../report.js';
import { RunningService } from '../service.js';
import { shippedRules } from '../shipped.js';
import type { Workload } from '../workload.js';
import type { Goal } from './goal.js';

const batchesASecond = 50;
/** Seconds before the first burst, and after the last batch for what is on its way. */
const warmUp = 5;
const patience = 10_000;
const lookEvery = 25;

/** A login burst planted into live traffic: when it began to be one, when the webhook heard of it, when it could be found. */
interface Burst {
  readonly address: string;
  completed: number;
  told?: number;
  found?: number;
}

/** Live latency at a steady rate. */
export const liveLatency: Goal = {
  number: 13,
  title: 'live record → webhook received, embedded, at 5,000 events/s (p99)',
  must: '≤ 1 s',
  aim: '≤ 250 ms',
  async run({ options, workload }) {
    const { seconds, rate } = options;
    const rule = shippedRules().correlations.find(({ rule: { name } }) => name === 'login_burst');
    if (!rule) return { measured: false, reason: 'there is no shipped rule login_burst' };
    const plan = new BurstPlan(rule.threshold ?? 1);
    const receiver = await startReceiver((body) => plan.told(rule.rule.id, body));
    const data = dirname(workload.file('data'));
    try {
      const ordinary = await ordinaryLines(workload, { seconds, rate });
      const config = workload.write('gatewatch.yml', configOf(receiver));
      const service = await RunningService.start(['--config', config, '--data', data]);
      const traffic = new LiveTraffic(service, ordinary, rate);
      return await live(plan, { service, traffic, rule: rule.rule.id, seconds });
    } finally {
      receiver.close();
      receiver.closeAllConnections();
      rmSync(data, { recursive: true, force: true });
    }
  },
};

interface LiveRun {
  readonly service: RunningService;
  readonly traffic: LiveTraffic;
  readonly rule: string;
  readonly seconds: number;
}

async function live(plan: BurstPlan, { service, traffic, rule, seconds }: LiveRun): Promise<Awaited<ReturnType<Goal['run']>>> {
  const started = performance.now();
  try {
    const looking = plan.look(service, rule, seconds * 1000 + patience);
    await traffic.run(seconds, (batch, stamp) => plan.lines(batch, seconds, stamp));
    const took = (performance.now() - started) / 1000;
    await Promise.race([plan.allTold(), sleep(patience, undefined, { ref: false })]);
    plan.stop();
    await looking;
    return outcome(plan, { rate: traffic.sent / took, traffic, service });
  } finally {
    plan.stop();
    await service.stop();
  }
}

function outcome(
  plan: BurstPlan,
  { rate, traffic, service }: { rate: number; traffic: LiveTraffic; service: RunningService },
): Awaited<ReturnType<Goal['run']>> {
  const complete = plan.bursts.filter(({ completed }) => !Number.isNaN(completed));
  const told = complete.flatMap(({ completed, told: at }) => (at === undefined ? [] : [at - completed]));
  const found = complete.flatMap(({ completed, found: at }) => (at === undefined ? [] : [at - completed]));
  console.log(
    complete.map((b) => [b.completed | 0, ((b.told ?? NaN) - b.completed) | 0, ((b.found ?? NaN) - b.completed) | 0].join(' ')).join('\n'),
  );
  const row = (name: string, values: readonly number[]): string[] => [
    name,
    String(values.length),
    ...(values.length ? [median(values), percentile(values, 0.95), percentile(values, 0.99), Math.max(...values)].map(millisOf) : []),
  ];
  const p99 = told.length < complete.length ? Infinity : percentile(told, 0.99);
  const lost = complete.length - told.length;
  return {
    measured: true,
    figure: p99,
    shown: lost ? `${lost} of ${complete.length} never told` : `${millisOf(p99)} (p50 ${millisOf(median(told))}, ${told.length} signals)`,
    verdict: atMost(p99, 1000, 250),
    tables: [
      {
        head: ['from the sending of the completing record', 'signals', 'p50', 'p95', 'p99', 'most'],
        rows: [
          row('webhook received', told),
          row('found by GET /v1/signals', found),
          row('answer 202 (every batch)', traffic.answerMillis),
        ],
      },
    ],
    notes: [
      `gatewatch start --config FILE --data NEW --port 0; ${amount(rate)} events/s sent in batches each ${1000 / batchesASecond} ms to POST /v1/logs, ${traffic.refused} refused; peak RSS ${megabytes(service.memory.peak)}`,
      `bursts of login_burst, two a second; the record that completes one is sent half a second after the others; one burst in four is looked for each ${lookEvery} ms`,
    ],
    bound:
      'signals are committed at most 50 ms after they arise, one message at a time goes to a receiver, and each step waits for the disk',
  };
}

/** Two bursts a second, each from an address of its own. */
class BurstPlan {
  readonly bursts: Burst[] = [];
  readonly #byAddress = new Map<string, Burst>();
  #untold = 0;
  #stopped = false;
  #allSent = false;

  constructor(private readonly threshold: number) {}

  /** Lines for a batch: all but one failure of a burst, or the one that completes it half a second later. */
  lines(batch: number, seconds: number, stamp: string): string {
    const second = batch / batchesASecond;
    if (second < warmUp || batch % (batchesASecond / 2) !== 0) return '';
    if (second > seconds - 1) {
      this.#allSent = true;
      return this.#complete(stamp);
    }
    return this.#complete(stamp) + this.#begin(stamp);
  }

  told(rule: string, body: string): void {
    const now = performance.now();
    const { data } = JSON.parse(body) as { data: SignalData & { signals?: readonly SignalData[] } };
    for (const signal of data.signals ?? [data]) {
      const burst = this.#byAddress.get(signal.source?.ip ?? '');
      if (signal.rule.id !== rule || !burst || burst.told !== undefined) continue;
      burst.told = now;
      this.#untold--;
    }
  }

  async allTold(): Promise<void> {
    while (!this.#stopped && (!this.#allSent || this.#untold > 0)) await sleep(lookEvery);
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Asks for one burst in four until it is there. */
  async look(service: RunningService, rule: string, most: number): Promise<void> {
    const until = performance.now() + most;
    for (let next = 0; performance.now() < until && !this.#stopped;) {
      const burst = this.bursts[next];
      if (burst && !Number.isNaN(burst.completed)) {
        const query = new URLSearchParams({ rule, 'source.ip': burst.address, limit: '1' });
        if ((await service.get<{ data: unknown[] }>(`/v1/signals?${query.toString()}`)).data.length) {
          burst.found = performance.now();
          next += 4;
          continue;
        }
      }
      await sleep(lookEvery);
    }
  }

  #begin(stamp: string): string {
    const number = this.bursts.length;
    const burst: Burst = { address: `45.201.${number >> 8}.${number & 255}`, completed: NaN };
    this.bursts.push(burst);
    this.#byAddress.set(burst.address, burst);
    return failure(burst.address, stamp).repeat(this.threshold - 1);
  }

  #complete(stamp: string): string {
    const burst = this.bursts.at(-1);
    if (!burst || !Number.isNaN(burst.completed)) return '';
    burst.completed = performance.now();
    this.#untold++;
    return failure(burst.address, stamp);
  }
}

interface SignalData {
  readonly rule: { readonly id: string };
  readonly source?: { readonly ip?: string };
}

function failure(address: string, stamp: string): string {
  return `${address} - - [${stamp}] "POST /api/v1/login HTTP/1.1" 401 87 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"\n`;
}

/** Half a minute of ordinary traffic of that rate, sent again and again with new stamps. */
async function ordinaryLines(workload: Workload, { seconds, rate }: { seconds: number; rate: number }): Promise<[string, string][]> {
  const length = Math.min(seconds, 30);
  const path = workload.file('ordinary.log');
  const options = ['--no-attacks', '--lines', String(Math.max(1000, rate * length)), '--duration', `${length}s`, '--end', workload.end];
  await run(gatewatch(['generate', ...options, '--out', path]));
  return withoutStamps(readFileSync(path, 'utf8'));
}

async function startReceiver(told: (body: string) => void): Promise<Server> {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      told(Buffer.concat(pieces).toString('utf8'));
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function configOf(receiver: Server): string {
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const channel = { type: 'webhook', url, secret, allow_private: true, allow_http: true };
  return JSON.stringify({ alerting: { receivers: [{ name: 'bench', send_resolved: false, max_per_minute: 1000, channels: [channel] }] } });
}
