import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { ServiceError } from '#telemetry';
import type { Outlet } from './outlet.js';

/** A record of a partition that is read from its beginning. */
export type Restored = (key: string, value: Buffer | null) => void;

interface Reading {
  readonly marker: string;
  readonly take: Restored;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
  begun: boolean;
}

/** Key of the records that say "up to here". */
const markerKey = '\u0000end';

/**
 * Reads single partitions of state topics from their beginning to their end, as often as tasks are opened. The end is a marker that is written first: whatever was committed
 * before is before it, and control records, compaction and transactions that were given up need no thought. kafkajs assigns partitions only to members of a group, so this is
 * one, alone in a group that nobody else has, with everything paused that is not being read.
 */
export class TopicRestorer {
  readonly #consumer: Consumer;
  readonly #readings = new Map<string, Reading>();
  #ready!: Promise<void>;

  constructor(
    client: Kafka,
    private readonly outlet: Outlet,
    private readonly topics: readonly string[],
    group: string,
  ) {
    this.#consumer = client.consumer({
      groupId: `${group}-restore-${randomUUID()}`,
      maxBytesPerPartition: 8 << 20,
      maxBytes: 16 << 20,
      // While everything is paused, kafkajs sleeps for this long before it looks what is to be read: a task would wait five seconds for its state.
      maxWaitTimeInMs: 100,
    });
  }

  async start(): Promise<void> {
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [...this.topics], fromBeginning: true });
    this.#ready = new Promise((resolve) => {
      this.#consumer.on(this.#consumer.events.GROUP_JOIN, ({ payload }) => {
        for (const [topic, partitions] of Object.entries(payload.memberAssignment)) {
          this.#consumer.pause([{ topic, partitions: partitions.filter((partition) => !this.#readings.has(`${topic}/${partition}`)) }]);
          // What was read in part when the group was joined anew begins again: a record that comes twice says the same.
          for (const partition of partitions)
            if (this.#readings.has(`${topic}/${partition}`)) this.#consumer.seek({ topic, partition, offset: '0' });
        }
        resolve();
      });
    });
    await this.#consumer.run({ autoCommit: false, partitionsConsumedConcurrently: 4, eachBatch: (batch) => this.#read(batch) });
    await this.#ready;
  }

  /** Every committed record of a partition, oldest first; resolves at its end. Aborted transactions are left out. */
  async read(topic: string, partition: number, take: Restored): Promise<void> {
    const place = `${topic}/${partition}`;
    if (this.#readings.has(place)) throw new ServiceError('kafka_restore', `${place} is being read already.`, { retryable: true });
    const marker = randomUUID();
    const done = new Promise<void>((resolve, reject) =>
      this.#readings.set(place, { marker, take, done: resolve, failed: reject, begun: false }),
    );
    // Whoever closes while the marker is being sent says so here, and nobody waits for it yet.
    done.catch(() => undefined);
    try {
      await this.outlet.send([{ topic, partition, key: markerKey, value: Buffer.from(marker) }]);
      this.#consumer.seek({ topic, partition, offset: '0' });
      this.#consumer.resume([{ topic, partitions: [partition] }]);
      await done;
    } finally {
      this.#readings.delete(place);
      this.#consumer.pause([{ topic, partitions: [partition] }]);
    }
  }

  async close(): Promise<void> {
    for (const { failed } of this.#readings.values()) failed(new ServiceError('kafka_stopped', 'The process ends.', { retryable: true }));
    await this.#consumer.disconnect();
  }

  async #read({ batch, resolveOffset, heartbeat }: EachBatchPayload): Promise<void> {
    const reading = this.#readings.get(`${batch.topic}/${batch.partition}`);
    if (!reading) return;
    for (const { key, value, offset } of batch.messages) {
      const name = key?.toString() ?? '';
      if (name !== markerKey) reading.take(name, value);
      else if (value?.toString() === reading.marker) {
        reading.done();
        return;
      }
      resolveOffset(offset);
    }
    await heartbeat();
  }
}
