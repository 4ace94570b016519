import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningService } from './service.js';

const batchEvery = 20;

/** Sends lines at a steady rate, a batch each 20 ms, whatever the answers take. */
export class LiveTraffic {
  readonly answerMillis: number[] = [];
  sent = 0;
  refused = 0;
  #next = 0;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 });

  /** `ordinary`: lines without their stamp, as head and tail. */
  constructor(
    private readonly service: RunningService,
    private readonly ordinary: readonly (readonly [head: string, tail: string])[],
    private readonly rate: number,
  ) {}

  /** `planted` gives further lines for a batch; it is told the stamp, and is called just before the batch leaves. */
  async run(seconds: number, planted: (batch: number, stamp: string) => string): Promise<void> {
    const batches = (seconds * 1000) / batchEvery;
    const size = (this.rate * batchEvery) / 1000;
    const started = performance.now();
    const under: Promise<void>[] = [];
    for (let batch = 0; batch < batches; batch++) {
      const wait = started + batch * batchEvery - performance.now();
      if (wait > 0) await sleep(wait);
      const stamp = clfStamp(Date.now());
      let text = '';
      for (let i = 0; i < size; i++) {
        const [head, tail] = this.ordinary[this.#next++ % this.ordinary.length]!;
        text += head + stamp + tail;
      }
      this.sent += size;
      under.push(this.#post(text + planted(batch, stamp)));
    }
    await Promise.all(under);
    this.#agent.destroy();
  }

  #post(body: string): Promise<void> {
    const started = performance.now();
    const { url, writeKey } = this.service;
    return new Promise((resolve) => {
      const done = (accepted: boolean): void => {
        if (!accepted) this.refused++;
        this.answerMillis.push(performance.now() - started);
        resolve();
      };
      const headers = { authorization: `Bearer ${writeKey}`, 'content-type': 'text/plain' };
      const post = request(`${url}/v1/logs`, { method: 'POST', headers, agent: this.#agent }, (response) => {
        response.resume();
        response.on('end', () => done(response.statusCode === 202));
      });
      post.on('error', () => done(false));
      post.end(body);
    });
  }
}

/** Cuts lines of combined format around their stamp. */
export function withoutStamps(log: string): [head: string, tail: string][] {
  return log
    .trimEnd()
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf('[') + 1), `${line.slice(line.indexOf(']'))}\n`]);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function clfStamp(time: number): string {
  const [year, month, day] = new Date(time).toISOString().slice(0, 10).split('-');
  return `${day}/${months[Number(month) - 1]}/${year}:${new Date(time).toISOString().slice(11, 19)} +0000`;
}
