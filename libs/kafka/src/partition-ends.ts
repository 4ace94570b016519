import type { Admin, Kafka } from 'kafkajs';
import type { Clock, Millis } from '#time';

/** Where partitions end, as the cluster says now and then: lag, and whether there is nothing more to read. */
export class PartitionEnds {
  readonly #admin: Admin;
  readonly #ends = new Map<string, { readonly begin: bigint; readonly end: bigint; readonly asked: Millis }>();

  constructor(
    client: Kafka,
    private readonly topics: readonly string[],
    private readonly clock: Clock,
  ) {
    this.#admin = client.admin();
  }

  connect(): Promise<void> {
    return this.#admin.connect();
  }

  disconnect(): Promise<void> {
    return this.#admin.disconnect();
  }

  /** Asks again. */
  async look(): Promise<void> {
    for (const topic of this.topics) {
      const asked = this.clock.now();
      for (const { partition, low, high } of await this.#admin.fetchTopicOffsets(topic))
        this.#ends.set(`${topic}/${partition}`, { begin: BigInt(low), end: BigInt(high), asked });
    }
  }

  /** The first message that is still there, as far as is known. */
  begin(topic: string, partition: number): bigint | undefined {
    return this.#ends.get(`${topic}/${partition}`)?.begin;
  }

  lag(topic: string, partition: number, next: bigint): number | undefined {
    const known = this.#ends.get(`${topic}/${partition}`);
    return known && Math.max(0, Number(known.end - next));
  }

  /** Where the partition ends, if that is before `next`: it is not the one that was read. */
  endBefore(topic: string, partition: number, next: bigint): bigint | undefined {
    const known = this.#ends.get(`${topic}/${partition}`);
    return known && known.end < next ? known.end : undefined;
  }

  /** When the partition was seen to have nothing from `next` on; undefined if it has, or was never looked at. */
  caughtUp(topic: string, partition: number, next: bigint): Millis | undefined {
    const known = this.#ends.get(`${topic}/${partition}`);
    return known && next >= known.end ? known.asked : undefined;
  }
}
