import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { ServiceError, type Logger, type Metrics } from '#telemetry';
import type { Clock, Millis } from '#time';
import { EmptyRanges } from './empty-ranges.js';
import { askedFor, LostMessages } from './lost-messages.js';
import { PartitionEnds } from './partition-ends.js';
import type { PartitionTask, TaskFacts } from './partition-task.js';

export interface PartitionTasksParts {
  readonly client: Kafka;
  /** Name of the group: its members share the partitions. */
  readonly group: string;
  readonly topics: readonly string[];
  readonly timeout: Millis;
  /** Opens the task of a partition from its checkpoint. */
  readonly open: (topic: string, partition: number) => Promise<PartitionTask>;
  /** So long a partition must end before the place of its task, at every look, to be taken for another one; a minute where nothing is said. */
  readonly foreignAfter?: Millis;
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
  /** Why it does not go on. */
  problem?: string | undefined;
  /** Since when its partition is said to end before it. Nothing is read meanwhile. */
  shortSince?: Millis | undefined;
}

const beatEvery: Millis = 1000;
const waitAfterFailure: Millis = 1000;

/** A new leader that catches up takes seconds. */
const foreignAfter: Millis = 60_000;

/**
 * Runs one task for each partition that the group gives to this process. The group only shares out the work: nothing is ever committed to it, and every task goes on at its own
 * checkpoint. So what kafkajs commits for partitions that it has lost (tulios/kafkajs #1046) or forgets at a rebalance (#28) cannot lose or repeat anything.
 */
export class PartitionTasks {
  readonly #consumer: Consumer;
  readonly #held = new Map<string, Held>();
  readonly #ends: PartitionEnds;
  readonly #empty: EmptyRanges;
  readonly #lost: LostMessages;
  /** Places that the group gave to this process when it was joined last. */
  #mine: ReadonlySet<string> = new Set();
  #stopping = false;
  /** Why the brokers do not say where the partitions end: they are away, or a topic is. */
  trouble: string | undefined;
  /** Since when this process has been a member with partitions shared out; undefined before. */
  joined: Millis | undefined;

  constructor(private readonly parts: PartitionTasksParts) {
    const { client, group, timeout, topics } = parts;
    this.#consumer = client.consumer({
      groupId: group,
      sessionTimeout: timeout,
      heartbeatInterval: Math.min(3000, timeout / 3),
      rebalanceTimeout: Math.max(10_000, timeout),
      // A broker waits for so much before it answers: each answer is a round through a task and a request to its topics, which cost more than what is in a small one.
      maxWaitTimeInMs: 100,
      minBytes: 64 << 10,
      maxBytesPerPartition: 1 << 20,
      maxBytes: 8 << 20,
      retry: { restartOnFailure: () => Promise.resolve(!this.#stopping) },
    });
    this.#ends = new PartitionEnds(client, topics, parts.clock);
    this.#empty = new EmptyRanges(this.#consumer);
    this.#lost = new LostMessages(this.#ends, parts.logger, parts.metrics);
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
    return [...this.#held.values()].flatMap(({ topic, partition, task, problem }) =>
      task
        ? [
            {
              topic,
              partition,
              lag: this.#ends.lag(topic, partition, this.#empty.behind(topic, partition, task.next)),
              ...task.facts?.(),
              ...(problem && { problem }),
            },
          ]
        : [],
    );
  }

  #assigned(assignment: Readonly<Record<string, readonly number[]>>): void {
    this.joined = this.parts.clock.now();
    this.#mine = new Set(
      Object.entries(assignment).flatMap(([topic, partitions]) => partitions.map((partition) => `${topic}/${partition}`)),
    );
    for (const place of [...this.#held.keys()]) if (!this.#mine.has(place)) void this.#give(place);
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

  /** Opens the task of a place; `first` is waited for before. */
  #open(topic: string, partition: number, first?: () => Promise<void>): void {
    const place = `${topic}/${partition}`;
    if (this.#held.has(place)) return;
    const isHeld = (): boolean => this.#held.get(place) === held;
    const opening = (first?.() ?? Promise.resolve()).then(() => {
      // Given away meanwhile: whoever has it now is not to be locked out.
      if (!isHeld()) throw new ServiceError('kafka_given', `${place} was given away.`, { retryable: true });
      return this.parts.open(topic, partition);
    });
    const held: Held = { topic, partition, opening, task: undefined, work: opening.catch(() => undefined) };
    this.#held.set(place, held);
    opening.then(
      (task) => {
        if (!isHeld()) return;
        held.task = task;
        this.#consumer.seek({ topic, partition, offset: task.next.toString() });
        this.#consumer.resume([{ topic, partitions: [partition] }]);
      },
      (error: unknown) => {
        if (!isHeld()) return;
        this.parts.logger.warn('A task could not be opened; it is tried again.', { topic, partition, reason: (error as Error).message });
        this.#again(held);
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
    if (askedFor(batch) > this.#empty.behind(topic, partition, task.next) && !(await this.#lost.isGone(batch, task))) {
      this.#consumer.seek({ topic, partition, offset: task.next.toString() });
      return;
    }
    if (held.problem !== undefined || held.shortSince !== undefined) return;
    const fresh = batch.messages.filter(({ offset }) => BigInt(offset) >= task.next);
    const beating = this.#keepAlive(heartbeat);
    try {
      if (fresh.length) await this.#inTurn(held, () => task.take(fresh));
      resolveOffset(batch.messages.at(-1)!.offset);
      this.#empty.note(topic, partition, task.next, BigInt(batch.lastOffset()) + 1n);
    } catch (error) {
      this.parts.logger.warn('A task lost its place; it is opened again at its checkpoint.', {
        topic,
        partition,
        reason: (error as Error).message,
      });
      this.#again(held);
    } finally {
      beating.stop();
    }
  }

  /** A topic that was deleted and made anew, or lost its end, is another one: what is in it is not taken for what comes next, and not passed over in silence. */
  #tellForeign(held: Held, next: bigint): void {
    const { topic, partition } = held;
    const end = this.#ends.endBefore(topic, partition, next);
    if (held.problem !== undefined) return;
    // A broker that has just become the leader may not yet know how far the partition is committed: it catches up.
    held.shortSince = end === undefined ? undefined : (held.shortSince ?? this.parts.clock.now());
    if (held.shortSince === undefined || this.parts.clock.now() - held.shortSince < (this.parts.foreignAfter ?? foreignAfter)) return;
    held.problem = `${topic}/${partition} ends at ${end}, before the place ${next} where its task stands: it was made anew or lost its end. Nothing of it is read. Restore it; or stop the processes of this group and delete its state topic, then all of it is read from the beginning.`;
    this.#consumer.pause([{ topic, partitions: [partition] }]);
    this.parts.logger.error('A partition is not the one that was read before.', { topic, partition, reason: held.problem });
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
    // Where tasks stood before: what they take while it is asked is no sign of anything.
    const stood = new Map([...this.#held.values()].map((held) => [held, held.task?.next]));
    this.trouble = await this.#ends.look().then(
      () => undefined,
      (error: unknown) => (error as Error).message,
    );
    for (const held of this.#held.values()) {
      const { task, topic, partition } = held;
      if (!task) continue;
      const before = stood.get(held);
      if (before !== undefined) this.#tellForeign(held, before);
      if (held.problem !== undefined) continue;
      // A task that is busy is not waited for: its own work tells the time.
      void this.#inTurn(held, async () => {
        if (this.#held.get(`${topic}/${partition}`) === held)
          await task.beat(this.#ends.caughtUp(topic, partition, this.#empty.behind(topic, partition, task.next)));
      }).catch((error: unknown) => {
        this.parts.logger.warn('A task lost its place; it is opened again at its checkpoint.', {
          topic,
          partition,
          reason: (error as Error).message,
        });
        this.#again(held);
      });
    }
  }

  /** Opens a task anew that failed, as long as the partition is ours. */
  #again(held: Held): void {
    const { topic, partition, task } = held;
    const place = `${topic}/${partition}`;
    if (this.#held.get(place) !== held) return;
    this.#held.delete(place);
    const closed = async (): Promise<void> => {
      await task?.close().catch(() => undefined);
      await this.parts.clock.sleep(waitAfterFailure);
    };
    if (this.#stopping || !this.#mine.has(place)) {
      void task?.close().catch(() => undefined);
      return;
    }
    this.#consumer.pause([{ topic, partitions: [partition] }]);
    this.#open(topic, partition, closed);
  }

  async #give(place: string): Promise<void> {
    const held = this.#held.get(place);
    if (!held) return;
    this.#held.delete(place);
    const task = await held.opening.catch(() => undefined);
    await this.#inTurn(held, async () => task?.close()).catch(() => undefined);
  }
}
