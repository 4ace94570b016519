import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import type { Logger, Metrics } from '#telemetry';
import type { Clock, Millis } from '#time';
import { PartitionEnds } from './partition-ends.js';

/** A message as tasks take it. */
export type TaskMessage = Pick<KafkaMessage, 'key' | 'value' | 'offset' | 'timestamp' | 'headers'>;

/** The work on one partition: a fold over its messages. */
export interface PartitionTask {
  /** Offset of the next message to take: where reading goes on, whatever the group has committed. */
  readonly next: bigint;
  /** Takes messages in their order. Resolves when there is room for more. @throws where the task must be opened anew at its checkpoint. */
  take(messages: readonly TaskMessage[]): Promise<void>;
  /** About once a second. `caughtUp`: a wall clock at which the partition had nothing more than what was taken; undefined while it has. */
  beat(caughtUp: Millis | undefined): Promise<void>;
  /** Saves what can be saved, if the task is still ours. */
  close(): Promise<void>;
  /** Figures for the health page. */
  facts?(): TaskFacts;
}

export interface TaskFacts {
  readonly watermark?: number;
  readonly clock?: number;
  readonly checkpointAt?: Millis;
  /** Group keys that its windows hold, over all rules. */
  readonly keys?: number;
  /** Bytes that were taken and wait for the store behind. */
  readonly queuedBytes?: number;
}

export interface PartitionTasksParts {
  readonly client: Kafka;
  /** Name of the group: its members share the partitions. */
  readonly group: string;
  readonly topics: readonly string[];
  readonly timeout: Millis;
  /** Opens the task of a partition from its checkpoint. */
  readonly open: (topic: string, partition: number) => Promise<PartitionTask>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

interface Held {
  readonly topic: string;
  readonly partition: number;
  readonly opening: Promise<PartitionTask>;
  task: PartitionTask | undefined;
  /** Last piece of work: pieces follow each other. */
  work: Promise<unknown>;
}

const beatEvery: Millis = 1000;
const waitAfterFailure: Millis = 1000;

/**
 * Runs one task for each partition that the group gives to this process. The group only shares out the work: nothing is ever committed to it, and every task goes on at its own
 * checkpoint. So what kafkajs commits for partitions that it has lost (tulios/kafkajs #1046) or forgets at a rebalance (#28) cannot lose or repeat anything.
 */
export class PartitionTasks {
  readonly #consumer: Consumer;
  readonly #held = new Map<string, Held>();
  readonly #ends: PartitionEnds;
  #stopping = false;
  /** Since when this process has been a member with partitions shared out; undefined before. */
  joined: Millis | undefined;

  constructor(private readonly parts: PartitionTasksParts) {
    const { client, group, timeout, topics } = parts;
    this.#consumer = client.consumer({
      groupId: group,
      sessionTimeout: timeout,
      heartbeatInterval: Math.min(3000, timeout / 3),
      rebalanceTimeout: Math.max(10_000, timeout),
      maxWaitTimeInMs: 100,
      maxBytesPerPartition: 1 << 20,
      maxBytes: 8 << 20,
      retry: { restartOnFailure: () => Promise.resolve(!this.#stopping) },
    });
    this.#ends = new PartitionEnds(client, topics, parts.clock);
  }

  /** Until the signal is aborted; then the tasks finish what they have in hand and save. */
  async run(signal: AbortSignal): Promise<void> {
    const { topics, clock } = this.parts;
    await this.#ends.connect();
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [...topics], fromBeginning: true });
    this.#consumer.on(this.#consumer.events.GROUP_JOIN, ({ payload }) => this.#assigned(payload.memberAssignment));
    try {
      await this.#consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: 16,
        eachBatch: (batch) => this.#read(batch, signal),
      });
      while (!signal.aborted) {
        await this.#beat();
        await clock.sleep(beatEvery, signal);
      }
    } finally {
      this.#stopping = true;
      // Saved before the group hears that we go: whoever comes next begins where we end.
      await Promise.all([...this.#held.keys()].map((place) => this.#give(place)));
      await this.#consumer.disconnect();
      await this.#ends.disconnect();
    }
  }

  /** Tasks that are open and those that are being opened. */
  get tasks(): { readonly open: number; readonly opening: number } {
    const open = [...this.#held.values()].filter(({ task }) => task).length;
    return { open, opening: this.#held.size - open };
  }

  /** Messages that wait, and the figures of each task. */
  facts(): (TaskFacts & { readonly topic: string; readonly partition: number; readonly lag: number | undefined })[] {
    return [...this.#held.values()].flatMap(({ topic, partition, task }) =>
      task ? [{ topic, partition, lag: this.#ends.lag(topic, partition, task.next), ...task.facts?.() }] : [],
    );
  }

  #assigned(assignment: Readonly<Record<string, readonly number[]>>): void {
    this.joined = this.parts.clock.now();
    const mine = new Set(
      Object.entries(assignment).flatMap(([topic, partitions]) => partitions.map((partition) => `${topic}/${partition}`)),
    );
    for (const place of [...this.#held.keys()]) if (!mine.has(place)) void this.#give(place);
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        const held = this.#held.get(`${topic}/${partition}`);
        // A task that stays goes on where it is: joining anew has set the reading back to the beginning.
        if (held?.task) this.#consumer.seek({ topic, partition, offset: held.task.next.toString() });
        else if (!this.#stopping) {
          this.#consumer.pause([{ topic, partitions: [partition] }]);
          this.#open(topic, partition);
        }
      }
    }
  }

  #open(topic: string, partition: number): void {
    const place = `${topic}/${partition}`;
    if (this.#held.has(place)) return;
    const opening = this.parts.open(topic, partition);
    const held: Held = { topic, partition, opening, task: undefined, work: opening.catch(() => undefined) };
    this.#held.set(place, held);
    opening.then(
      (task) => {
        // Given away while it was being opened.
        if (this.#held.get(place) !== held) return;
        held.task = task;
        this.#consumer.seek({ topic, partition, offset: task.next.toString() });
        this.#consumer.resume([{ topic, partitions: [partition] }]);
      },
      (error: unknown) => {
        this.parts.logger.warn('A task could not be opened; it is tried again.', { topic, partition, reason: (error as Error).message });
        void this.#again(held);
      },
    );
  }

  async #read({ batch, heartbeat, resolveOffset, isRunning, isStale }: EachBatchPayload, signal: AbortSignal): Promise<void> {
    if (signal.aborted || !isRunning() || isStale()) return;
    const { topic, partition } = batch;
    const held = this.#held.get(`${topic}/${partition}`);
    const task = held?.task;
    if (!held || !task) return;
    const first = batch.messages[0];
    if (!first) return;
    // Read from somewhere else than where the task stands: by a fetch that was under way, or by a join that set it back.
    if (BigInt(askedFor(batch)) > task.next) {
      this.#consumer.seek({ topic, partition, offset: task.next.toString() });
      return;
    }
    const fresh = batch.messages.filter(({ offset }) => BigInt(offset) >= task.next);
    const beating = this.#keepAlive(heartbeat);
    try {
      if (fresh.length) await this.#inTurn(held, () => task.take(fresh));
      resolveOffset(batch.messages.at(-1)!.offset);
    } catch (error) {
      this.parts.logger.warn('A task lost its place; it is opened again at its checkpoint.', {
        topic,
        partition,
        reason: (error as Error).message,
      });
      await this.#again(held);
    } finally {
      beating.stop();
    }
  }

  /** Keeps the membership while a task has no room, however long. */
  #keepAlive(heartbeat: () => Promise<void>): { stop: () => void } {
    const done = new AbortController();
    const beat = async (): Promise<void> => {
      for (;;) {
        await this.parts.clock.sleep(Math.min(2000, this.parts.timeout / 3), done.signal);
        if (done.signal.aborted) return;
        await heartbeat().catch(() => undefined);
      }
    };
    void beat();
    return { stop: () => done.abort() };
  }

  #inTurn<T>(held: Held, work: () => Promise<T>): Promise<T> {
    const turn = held.work.then(work, work);
    held.work = turn.catch(() => undefined);
    return turn;
  }

  async #beat(): Promise<void> {
    await this.#ends.look().catch(() => undefined);
    for (const held of this.#held.values()) {
      const { task, topic, partition } = held;
      if (!task) continue;
      // A task that is busy is not waited for: its own work tells the time.
      void this.#inTurn(held, async () => {
        if (this.#held.get(`${topic}/${partition}`) === held) await task.beat(this.#ends.caughtUp(topic, partition, task.next));
      }).catch((error: unknown) => {
        this.parts.logger.warn('A task lost its place; it is opened again at its checkpoint.', {
          topic,
          partition,
          reason: (error as Error).message,
        });
        return this.#again(held);
      });
    }
  }

  /** Forgets a task that failed and opens it anew, as long as the partition is ours. */
  async #again(held: Held): Promise<void> {
    const { topic, partition, task } = held;
    const place = `${topic}/${partition}`;
    if (this.#held.get(place) !== held) return;
    this.#held.delete(place);
    await task?.close().catch(() => undefined);
    await this.parts.clock.sleep(waitAfterFailure);
    if (this.#stopping || this.#held.has(place)) return;
    this.#consumer.pause([{ topic, partitions: [partition] }]);
    this.#open(topic, partition);
  }

  async #give(place: string): Promise<void> {
    const held = this.#held.get(place);
    if (!held) return;
    this.#held.delete(place);
    const task = await held.opening.catch(() => undefined);
    await this.#inTurn(held, async () => task?.close()).catch(() => undefined);
  }
}

/** The offset that was asked for: kafkajs has it and its types do not. Messages may begin later, where records were compacted or belong to transactions. */
function askedFor(batch: EachBatchPayload['batch']): string {
  return (batch as typeof batch & { readonly fetchedOffset: string }).fetchedOffset;
}
