import { buildAlerting, type Alerting, type SignalEntry } from '#alerting';
import type { ClusterProcess } from '#cluster';
import type { Signal } from '#ecs';
import { KafkaOutbox, TaskState, type PartitionTask, type TaskFacts, type TaskMessage } from '#kafka';
import type { Millis } from '#time';

/** Signals that were read and are not notifications yet, above which reading waits. */
const mostWaiting = 5000;
/** Notifications that wait and are counted: beyond this the number says "many", which is enough. */
const mostCounted = 1000;
const pruneEvery: Millis = 3_600_000;
const keepNotifications: Millis = 30 * 86_400_000;

/** Signals of one partition are told: notifications, attempts and the place in the partition are one state, so another process goes on where this one ends. */
export class AlertingTask implements PartitionTask {
  readonly #stop = new AbortController();
  readonly #alerting: Alerting;
  readonly #running: Promise<void>;
  #waiting: SignalEntry[] = [];
  #next: bigint;
  #wake: (() => void) | undefined;
  #room: (() => void) | undefined;
  #failure: Error | undefined;
  #pruned: Millis;

  private constructor(
    private readonly process: ClusterProcess,
    private readonly state: TaskState<{ readonly mark: number }>,
    private readonly outbox: KafkaOutbox,
  ) {
    this.#next = BigInt(outbox.mark());
    const { config, clock, logger, metrics, address } = process;
    this.#pruned = clock.now();
    const journal = {
      journal: (after: number, limit: number) => this.#journal(after, limit),
      waitForJournal: (after: number, signal: AbortSignal) => this.#waitForJournal(after, signal),
    };
    this.#alerting = buildAlerting({ config: config.alerting, address, journal, outbox, clock, log: logger, metrics });
    this.#running = this.#alerting.run(this.#stop.signal).catch((error: unknown) => {
      this.#failure = asError(error);
      this.#room?.();
    });
  }

  static async open(process: ClusterProcess, topic: string, partition: number): Promise<AlertingTask> {
    const { client, restorer, outlet, names } = process;
    const state = await TaskState.open<{ mark: number }>({ client, restorer, outlet, topic: names.state('alerting', topic), partition });
    return new AlertingTask(process, state, new KafkaOutbox(state));
  }

  get next(): bigint {
    return this.#next;
  }

  async take(messages: readonly TaskMessage[]): Promise<void> {
    for (const { value, offset } of messages) {
      const sequence = Number(offset) + 1;
      if (value) this.#waiting.push({ sequence, signal: JSON.parse(value.toString()) as Signal });
      this.#next = BigInt(sequence);
    }
    this.#wake?.();
    while (this.#waiting.length > mostWaiting && !this.#failure && !this.#stop.signal.aborted)
      await new Promise<void>((resolve) => (this.#room = resolve));
    if (this.#failure) throw this.#failure;
  }

  async beat(): Promise<void> {
    if (this.#failure) throw this.#failure;
    const now = this.process.clock.now();
    if (now - this.#pruned < pruneEvery) return;
    this.#pruned = now;
    await this.outbox.prune(now - keepNotifications);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#wake?.();
    this.#room?.();
    await this.#running;
    this.#alerting.close();
    await this.outbox.settled();
    await this.state.close();
  }

  facts(): TaskFacts {
    const waiting = this.outbox.due(Number.MAX_SAFE_INTEGER, mostCounted);
    const since = waiting.reduce((least, { createdAt }) => Math.min(least, createdAt), Infinity);
    const oldest = waiting.length > 0 ? Math.max(0, this.process.clock.now() - since) : 0;
    return { outbox: { waiting: waiting.length, oldest } };
  }

  #journal(after: number, limit: number): readonly SignalEntry[] {
    const done = this.#waiting.findIndex(({ sequence }) => sequence > after);
    this.#waiting = done < 0 ? [] : done === 0 ? this.#waiting : this.#waiting.slice(done);
    if (this.#waiting.length <= mostWaiting) this.#room?.();
    return this.#waiting.slice(0, limit);
  }

  async #waitForJournal(after: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#waiting.some(({ sequence }) => sequence > after)) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
