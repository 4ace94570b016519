import type { Kafka, Producer, ProducerRecord } from 'kafkajs';
import kafkajs from 'kafkajs';
import type { Outgoing, Outlet } from './outlet.js';
import { refusalOf } from './refusals.js';
import type { TopicRestorer } from './topic-restorer.js';

const { CompressionTypes, Partitioners } = kafkajs;

export interface TaskStateParts {
  readonly client: Kafka;
  readonly restorer: TopicRestorer;
  readonly outlet: Outlet;
  /** Compacted topic, and the partition of it that belongs to this task alone. */
  readonly topic: string;
  readonly partition: number;
}

/** Puts and removes of one checkpoint. `StateWriter` of `#detection` fits. */
export interface EntryWriter {
  put(key: string, value: Uint8Array): void;
  remove(key: string): void;
}

interface Entry {
  readonly partition: number;
  readonly key: string;
  readonly value: Buffer | null;
}

const factsKey = '\u0000facts';

/**
 * State of one task in a compacted topic. A checkpoint is one transaction: changed entries, the task's facts (position, origin marks) and what the task has to say to the world
 * are all there, or nothing is. Opening a task ends the transactions of whoever had it before and locks him out (his epoch is past), so a process that was thought dead
 * and wakes cannot save, however sure it is of itself.
 */
export class TaskState<Facts> {
  /** The checkpoint that was begun last. It does not reject. */
  #underway: Promise<void> = Promise.resolve();
  /** Why a checkpoint is not there. The task is lost then. */
  #failure: Error | undefined;

  private constructor(
    private readonly parts: TaskStateParts,
    private readonly producer: Producer,
    /** What was saved last; undefined for a task that never ran. */
    readonly facts: Facts | undefined,
    /** Saved entries; to be forgotten once read. */
    public entries: Map<string, Uint8Array>,
  ) {}

  /** @throws what Kafka says, `kafka_rights` where the user may not; then the task is not open and may be opened again. */
  static async open<Facts>(parts: TaskStateParts): Promise<TaskState<Facts>> {
    const { client, restorer, topic, partition } = parts;
    const producer = client.producer({
      transactionalId: `${topic}-${partition}`,
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      transactionTimeout: 60_000,
      // A task that cannot save is opened anew, perhaps elsewhere: it does not wait for ever.
      retry: { retries: 8, initialRetryTime: 100, maxRetryTime: 5000 },
    });
    try {
      await producer.connect();
      // Connecting alone locks nobody out: kafkajs asks for the epoch with the first transaction. Only what was committed before it may be read below.
      const claim = await producer.transaction();
      await claim.abort();
      const entries = new Map<string, Uint8Array>();
      let facts: Facts | undefined;
      await restorer.read(topic, partition, (key, value) => {
        if (value === null) entries.delete(key);
        else if (key === factsKey) facts = JSON.parse(value.toString()) as Facts;
        else entries.set(key, new Uint8Array(value));
      });
      return new TaskState(parts, producer, facts, entries);
    } catch (error) {
      await producer.disconnect();
      throw refusalOf(error, `write the state of ${topic}/${partition} in transactions`);
    }
  }

  /** @throws where the checkpoint is not saved: nothing of it happened, or another process has the task. The task must then be opened anew. */
  async commit(facts: Facts, outgoing: readonly Outgoing[], write: (into: EntryWriter) => void): Promise<void> {
    await this.begin(facts, outgoing, write);
    await this.#underway;
    this.check();
  }

  /**
   * Begins a checkpoint of the state as it is now and does not wait until Kafka has it: the task goes on meanwhile. There is one at a time; a second waits for the first.
   * @throws what became of the one before, as `commit` does.
   */
  async begin(facts: Facts, outgoing: readonly Outgoing[], write: (into: EntryWriter) => void): Promise<void> {
    await this.#underway;
    this.check();
    const { partition } = this.parts;
    const messages: Entry[] = [];
    write({
      put: (key, value) => messages.push({ partition, key, value: Buffer.from(value) }),
      remove: (key) => messages.push({ partition, key, value: null }),
    });
    messages.push({ partition, key: factsKey, value: Buffer.from(JSON.stringify(facts)) });
    this.#underway = this.#send(messages, outgoing).catch((error: unknown) => {
      this.#failure = error instanceof Error ? error : new Error(String(error));
    });
  }

  /** To be asked now and then between checkpoints. @throws what `commit` does, where one that was begun is not there. */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  async #send(messages: readonly Entry[], outgoing: readonly Outgoing[]): Promise<void> {
    const transaction = await this.producer.transaction();
    try {
      for (const part of inParts(messages)) await transaction.send(record(this.parts.topic, part));
      for (const [to, part] of byTopic(outgoing)) await transaction.send(record(to, part));
      await transaction.commit();
    } catch (error) {
      await transaction.abort().catch(() => undefined);
      throw error;
    }
  }

  /** Ends when the checkpoint under way is there. @throws what `commit` does. */
  async close(): Promise<void> {
    await this.#underway;
    await this.producer.disconnect();
    this.check();
  }
}

function record(topic: string, messages: ProducerRecord['messages']): ProducerRecord {
  return { topic, messages, acks: -1, compression: CompressionTypes.LZ4 };
}

const partBytes = 4 << 20;
/** kafkajs takes time with the square of the messages that it is given at once. */
const partMessages = 1000;

/** Checkpoints of any size, in requests that brokers take. */
function* inParts<Message extends { readonly value: Buffer | null }>(messages: readonly Message[]): Generator<Message[]> {
  let part: Message[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = 64 + (message.value?.length ?? 0);
    if (part.length === partMessages || (part.length > 0 && bytes + size > partBytes)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(message);
    bytes += size;
  }
  if (part.length) yield part;
}

function* byTopic(
  outgoing: readonly Outgoing[],
): Generator<[string, { partition: number; value: Buffer; key?: string; headers?: Record<string, string> }[]]> {
  for (const topic of new Set(outgoing.map((one) => one.topic))) {
    const some = outgoing
      .filter((one) => one.topic === topic)
      .map(({ partition, value, key, headers }) => ({
        partition,
        value,
        ...(key !== undefined && { key }),
        ...(headers && { headers: { ...headers } }),
      }));
    for (const part of inParts(some)) yield [topic, part];
  }
}
