import { gunzipSync, gzipSync } from 'node:zlib';
import type { Outlet, TopicRestorer } from '#kafka';
import { ServiceError } from '#telemetry';
import { isLater, type RuleRef, type RuleTexts } from './rule-set.js';

type Kept = RuleTexts & { readonly epoch: number };

/** Every rule set that was ever in force, by its hash, in a compacted topic: whoever comes upon a hash in the log finds the rules here. */
export class RuleShelf {
  readonly #kept = new Map<string, Kept>();
  #reading: Promise<void> | undefined;
  #newest: RuleRef | undefined;

  constructor(
    private readonly outlet: Pick<Outlet, 'send'>,
    private readonly restorer: Pick<TopicRestorer, 'read'>,
    private readonly topic: string,
  ) {}

  /** The rules that were published last, as far as was read; undefined where nobody published any. */
  get newest(): RuleRef | undefined {
    return this.#newest;
  }

  /** Reads the topic. Who asks meanwhile waits for the same reading. */
  read(): Promise<void> {
    return (this.#reading ??= this.restorer
      .read(this.topic, 0, (_, value) => {
        if (value) this.#take(JSON.parse(gunzipSync(value).toString()) as Kept);
      })
      .finally(() => (this.#reading = undefined)));
  }

  /** @throws ServiceError `rules_unknown` where there are none of this hash, which is tried again. */
  async find(hash: string): Promise<RuleTexts> {
    // A reading that was under way may have passed the place.
    for (let tries = 0; tries < 2 && !this.#kept.has(hash); tries++) await this.read();
    const found = this.#kept.get(hash);
    if (!found)
      throw new ServiceError('rules_unknown', `Topic ${this.topic} holds no rules ${hash}: publish rules with gatewatch rules publish.`, {
        retryable: true,
      });
    return found;
  }

  has(hash: string): boolean {
    return this.#kept.has(hash);
  }

  async put(texts: RuleTexts, epoch: number): Promise<void> {
    const kept: Kept = { hash: texts.hash, files: texts.files, tuning: texts.tuning, epoch };
    await this.outlet.send([{ topic: this.topic, partition: 0, key: kept.hash, value: gzipSync(JSON.stringify(kept)) }]);
    this.#take(kept);
  }

  #take(kept: Kept): void {
    this.#kept.set(kept.hash, kept);
    if (kept.epoch > 0 && (!this.#newest || isLater(kept, this.#newest))) this.#newest = { epoch: kept.epoch, hash: kept.hash };
  }
}
