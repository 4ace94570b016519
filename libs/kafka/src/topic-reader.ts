import { createHash } from 'node:crypto';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { ServiceError, type Logger } from '#telemetry';
import type { Clock } from '#time';
import type { KafkaTopicsConfig } from './config.js';
import { EmptyRanges } from './empty-ranges.js';
import { linesOf, type SplitMessage } from './message-lines.js';

/** Some messages of one partition, as records. */
export interface TopicPiece {
  readonly payload: Uint8Array;
  readonly count: number;
  /** Names cluster, topic and partition: what event ids are made of, with the position. */
  readonly thing: string;
  /** Bytes of records that were read of the partition before. */
  readonly position: number;
  /** To be saved with the records: where to go on. */
  readonly bookmark: Readonly<Record<string, string>>;
}

export interface TopicReaderParts {
  readonly config: KafkaTopicsConfig;
  readonly client: Kafka;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Cuts messages that hold many records. */
  readonly split: SplitMessage;
  /** What was saved with the last records of a bookmark's key. */
  readonly saved: (key: string) => string | undefined;
  /** Takes a piece and saves its bookmark, in one transaction; resolves when both are durable. */
  readonly take: (piece: TopicPiece) => Promise<void>;
}

/** Where a partition is to be read on: the next message, and the bytes of records before it. */
interface Place {
  readonly next: bigint;
  readonly bytes: number;
}

/**
 * Reads topics in the order of each partition. Where to go on is decided by what was saved with the records, never by the group's committed offsets: nothing is
 * committed, so what kafkajs commits for partitions it has lost (tulios/kafkajs #1046, #28) cannot lose or repeat anything.
 */
export class TopicReader {
  readonly #consumer: Consumer;
  readonly #empty: EmptyRanges;
  #cluster = '';

  constructor(private readonly parts: TopicReaderParts) {
    const { client, config } = parts;
    this.#consumer = client.consumer({
      groupId: config.group,
      sessionTimeout: config.timeout,
      rebalanceTimeout: Math.max(60_000, config.timeout * 2),
      retry: { restartOnFailure: () => Promise.resolve(true) },
      maxBytesPerPartition: 1 << 20,
    });
    this.#empty = new EmptyRanges(this.#consumer);
  }

  /** Reads until the signal is aborted. @throws ServiceError `kafka_unfit` where waiting cannot mend it: a topic that is not there, a login that is refused. */
  async run(signal: AbortSignal): Promise<void> {
    const { config } = this.parts;
    await this.#find();
    if (signal.aborted) return;
    await this.#consumer.connect();
    try {
      await this.#consumer.subscribe({ topics: [...config.topics], fromBeginning: config.begin === 'earliest' });
      // kafkajs asks for what was saved only once it has partitions; the seek takes effect before the first fetch.
      this.#consumer.on(this.#consumer.events.GROUP_JOIN, ({ payload }) => this.#seek(payload.memberAssignment));
      await this.#consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: (batch) => this.#read(batch, signal) });
      await aborted(signal);
    } finally {
      await this.#consumer.disconnect();
    }
  }

  async #find(): Promise<void> {
    const { client, config } = this.parts;
    const admin = client.admin();
    try {
      await admin.connect();
      this.#cluster = (await admin.describeCluster()).clusterId;
      const there = new Set(await admin.listTopics());
      const missing = config.topics.filter((topic) => !there.has(topic));
      if (missing.length) {
        const remedy = 'create them, or correct `topics`; a user without the right to describe a topic does not see it either';
        throw new ServiceError('kafka_unfit', `The cluster has no topic ${missing.join(', ')}: ${remedy}.`);
      }
    } finally {
      await admin.disconnect();
    }
  }

  #seek(assigned: Readonly<Record<string, readonly number[]>>): void {
    for (const [topic, partitions] of Object.entries(assigned)) {
      for (const partition of partitions) {
        const place = this.#place(topic, partition);
        if (place) this.#consumer.seek({ topic, partition, offset: place.next.toString() });
      }
    }
  }

  async #read({ batch, resolveOffset, heartbeat, isRunning, isStale }: EachBatchPayload, signal: AbortSignal): Promise<void> {
    if (signal.aborted || !isRunning() || isStale()) return;
    const { topic, partition, messages } = batch;
    const place = this.#place(topic, partition);
    // A fetch that was under way when the partition was sought: what was taken already is left out.
    const fresh = place ? messages.filter(({ offset }) => BigInt(offset) >= place.next) : messages;
    const last = fresh.at(-1);
    if (!last) return;
    const missed = place ? BigInt(fresh[0]!.offset) - place.next : 0n;
    if (missed > 0n && BigInt(batch.firstOffset() ?? '0') > this.#empty.behind(topic, partition, place!.next))
      this.parts.logger.warn('Messages are missing: they were compacted or removed before they were read.', {
        topic,
        partition,
        from: String(place!.next),
        amount: String(missed),
      });
    const { payload, count } = linesOf(
      fresh.map(({ value }) => value),
      this.parts.split,
    );
    const position = place?.bytes ?? 0;
    const bookmark = { [this.#key(topic, partition)]: `${BigInt(last.offset) + 1n} ${position + payload.length}` };
    const taken = new AbortController();
    const beating = this.#beat(heartbeat, taken.signal);
    try {
      await this.parts.take({ payload, count, thing: this.#thing(topic, partition), position, bookmark });
    } finally {
      taken.abort();
      await beating;
    }
    resolveOffset(last.offset);
    this.#empty.note(topic, partition, BigInt(last.offset) + 1n, BigInt(batch.lastOffset()) + 1n);
  }

  /** Keeps the membership while the log has no room. */
  async #beat(heartbeat: () => Promise<void>, taken: AbortSignal): Promise<void> {
    for (;;) {
      await this.parts.clock.sleep(this.parts.config.timeout / 3, taken);
      if (taken.aborted) return;
      // A membership that is lost is joined again, and what was saved decides where it goes on.
      await heartbeat().catch(() => undefined);
    }
  }

  #place(topic: string, partition: number): Place | undefined {
    const saved = this.parts.saved(this.#key(topic, partition));
    if (saved === undefined) return undefined;
    const [next = '0', bytes = '0'] = saved.split(' ');
    return { next: BigInt(next), bytes: Number(bytes) };
  }

  /** Keys of bookmarks are short whatever the names are. */
  #key(topic: string, partition: number): string {
    return `kafka/${createHash('sha256').update(this.#thing(topic, partition)).digest('base64url').slice(0, 22)}`;
  }

  #thing(topic: string, partition: number): string {
    return `kafka/${this.#cluster}/${topic}/${partition}`;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
