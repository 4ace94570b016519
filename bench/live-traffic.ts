import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './measure.js';
import { gatewatch } from './product.js';
import type { RunningService } from './service.js';
import type { Workload } from './workload.js';

export const batchesASecond = 50;

/** Where a batch goes. */
export interface Door {
  /** Sends lines; resolves to whether they were taken. */
  send(body: string): Promise<boolean>;
  close(): void;
}

/** Lines without their stamp, as head and tail. */
export type Unstamped = readonly (readonly [head: string, tail: string])[];

/** Sends lines at a steady rate, a batch each 20 ms, whatever the answers take. */
export class LiveTraffic {
  readonly answerMillis: number[] = [];
  sent = 0;
  refused = 0;
  #next = 0;

  constructor(
    private readonly door: Door,
    private readonly ordinary: Unstamped,
    private readonly rate: number,
  ) {}

  /** `planted` gives further lines for a batch; it is told the stamp, and is called just before the batch leaves. */
  async run(seconds: number, planted: (batch: number, stamp: string) => string): Promise<void> {
    const batches = seconds * batchesASecond;
    const size = this.rate / batchesASecond;
    const started = performance.now();
    const under: Promise<void>[] = [];
    for (let batch = 0; batch < batches; batch++) {
      const wait = started + (batch * 1000) / batchesASecond - performance.now();
      if (wait > 0) await sleep(wait);
      const stamp = clfStamp(Date.now());
      let text = '';
      for (let i = 0; i < size; i++) {
        const [head, tail] = this.ordinary[this.#next++ % this.ordinary.length]!;
        text += head + stamp + tail;
      }
      this.sent += size;
      under.push(this.#send(text + planted(batch, stamp)));
    }
    await Promise.all(under);
    this.door.close();
  }

  async #send(body: string): Promise<void> {
    const started = performance.now();
    if (!(await this.door.send(body))) this.refused++;
    this.answerMillis.push(performance.now() - started);
  }
}

/** Posts to the embedded service. */
export function httpDoor({ url, writeKey }: RunningService): Door {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const headers = { authorization: `Bearer ${writeKey}`, 'content-type': 'text/plain' };
  return {
    send: (body) =>
      new Promise((resolve) => {
        const post = request(`${url}/v1/logs`, { method: 'POST', headers, agent }, (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode === 202));
        });
        post.on('error', () => resolve(false));
        post.end(body);
      }),
    close: () => agent.destroy(),
  };
}

/** Half a minute of ordinary traffic of that rate, to be sent again and again with new stamps. */
export async function ordinaryLines(workload: Workload, { seconds, rate }: { seconds: number; rate: number }): Promise<Unstamped> {
  const length = Math.min(seconds, 30);
  const path = workload.file('ordinary.log');
  const options = ['--no-attacks', '--lines', String(Math.max(1000, rate * length)), '--duration', `${length}s`, '--end', workload.end];
  await run(gatewatch(['generate', ...options, '--out', path]));
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf('[') + 1), `${line.slice(line.indexOf(']'))}\n`]);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function clfStamp(time: number): string {
  const [year, month, day] = new Date(time).toISOString().slice(0, 10).split('-');
  return `${day}/${months[Number(month) - 1]}/${year}:${new Date(time).toISOString().slice(11, 19)} +0000`;
}
