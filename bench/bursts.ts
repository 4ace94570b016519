import { setTimeout as sleep } from 'node:timers/promises';
import { batchesASecond } from './live-traffic.js';
import { shippedRules } from './shipped.js';

/** A login burst planted into live traffic: when it began to be one, when the webhook heard of it, when it could be found. */
export interface Burst {
  readonly address: string;
  completed: number;
  told?: number;
  found?: number;
}

/** Seconds before the first burst. */
const warmUp = 5;
const lookEvery = 25;

/** Two bursts a second, each from an address of its own. */
export class BurstPlan {
  readonly #bursts: Burst[] = [];
  readonly #byAddress = new Map<string, Burst>();
  #untold = 0;
  #stopped = false;
  #allSent = false;

  private constructor(
    /** Id of the rule that is to fire. */
    readonly rule: string,
    private readonly threshold: number,
  ) {}

  /** @throws Error when the shipped rule is missing. */
  static ofLogins(): BurstPlan {
    const found = shippedRules().correlations.find(({ rule: { name } }) => name === 'login_burst');
    if (!found) throw new Error('there is no shipped rule login_burst');
    return new BurstPlan(found.rule.id, found.threshold ?? 1);
  }

  /** Bursts whose last record was sent. */
  get complete(): readonly Burst[] {
    return this.#bursts.filter(({ completed }) => !Number.isNaN(completed));
  }

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

  /** Takes what a webhook received. */
  told(body: string): void {
    const now = performance.now();
    const { data } = JSON.parse(body) as { data: SignalData & { signals?: readonly SignalData[] } };
    for (const signal of data.signals ?? [data]) {
      const burst = this.#byAddress.get(signal.source?.ip ?? '');
      if (signal.rule.id !== this.rule || !burst || burst.told !== undefined) continue;
      burst.told = now;
      this.#untold--;
    }
  }

  /** Until every burst was told, for so many milliseconds at most. */
  async allTold(patience: number): Promise<void> {
    const until = performance.now() + patience;
    while (performance.now() < until && (!this.#allSent || this.#untold > 0)) await sleep(lookEvery);
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Asks for one burst in four until it is there. */
  async look(find: (address: string) => Promise<boolean>, most: number): Promise<void> {
    const until = performance.now() + most;
    for (let next = 0; performance.now() < until && !this.#stopped;) {
      const burst = this.#bursts[next];
      if (burst && !Number.isNaN(burst.completed) && (await find(burst.address))) {
        burst.found = performance.now();
        next += 4;
      } else await sleep(lookEvery);
    }
  }

  #begin(stamp: string): string {
    const number = this.#bursts.length;
    const burst: Burst = { address: `45.201.${number >> 8}.${number & 255}`, completed: NaN };
    this.#bursts.push(burst);
    this.#byAddress.set(burst.address, burst);
    return failure(burst.address, stamp).repeat(this.threshold - 1);
  }

  #complete(stamp: string): string {
    const burst = this.#bursts.at(-1);
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
