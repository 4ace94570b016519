import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { PeakMemory } from './measure.js';
import { gatewatch } from './product.js';

/** The parts of `/health` that tell how far the service is. */
interface HealthFacts {
  readonly checks: {
    readonly pipeline: { readonly facts: { readonly behind: number; readonly signalsPending?: boolean } };
    readonly store: { readonly facts: { readonly behind: number } };
    readonly balance: { readonly facts: Readonly<Record<string, { readonly received: number; readonly difference: number }>> };
  };
}

const patience = 60_000;

/** A running service: `gatewatch start` as a user starts it, in a data directory of its own. */
export class RunningService {
  readonly memory = new PeakMemory();
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly readKey: string,
    readonly writeKey: string,
  ) {
    this.memory.watch(child.pid ?? -1);
  }

  /** @throws Error with what the service said when it does not come up. */
  static async start(args: readonly string[]): Promise<RunningService> {
    const { program, args: all } = gatewatch(['start', '--port', '0', ...args]);
    const child = spawn(program, all, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2000)));
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const until = performance.now() + patience;
    while (performance.now() < until && child.exitCode === null) {
      const url = /Gatewatch is up: (\S+)/.exec(said)?.[1];
      const [read, write] = ['read', 'write'].map((scope) => new RegExp(`^ +${scope} +(\\S+)`, 'm').exec(said)?.[1]);
      if (url && read && write && said.includes('Send a log')) return new RunningService(child, url, read, write);
      await sleep(10);
    }
    child.kill('SIGKILL');
    throw new Error(`gatewatch start did not come up: ${said}${complaint}`);
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}${path}`, { headers: { authorization: `Bearer ${this.readKey}` } });
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Whether so many records of a source are received, folded and stored, and every signal is committed and searchable. */
  async settled(source: string, records: number): Promise<boolean> {
    const { pipeline, store, balance } = (await this.get<HealthFacts>('/health')).checks;
    const ledger = balance.facts?.[source];
    // A tick of the clock may be under way: it is an entry of the log, too.
    if (!ledger || ledger.received < records || ledger.difference !== 0) return false;
    return pipeline.facts.behind <= 1 && store.facts.behind <= 1 && pipeline.facts.signalsPending !== true;
  }

  /** Ends the service in order; kills it when it does not end. */
  async stop(): Promise<void> {
    this.memory.stop();
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), patience);
    await ended;
    clearTimeout(timer);
  }
}
