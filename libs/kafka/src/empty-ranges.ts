import type { Consumer } from 'kafkajs';

/**
 * Stretches of partitions in which there is nothing to take: marks of transactions, and transactions that were given up. kafkajs passes over them without a word, so that
 * reading goes on behind them while whoever takes the messages still stands before them. Known for each partition is the stretch that was passed last.
 */
export class EmptyRanges {
  readonly #known = new Map<string, { readonly from: bigint; readonly to: bigint }>();

  constructor(consumer: Consumer) {
    consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => {
      const { topic, partition, batchSize, firstOffset, lastOffset } = payload;
      // Nothing at all was fetched where there is no first offset.
      if (batchSize === 0 && firstOffset) this.note(topic, partition, BigInt(firstOffset), BigInt(lastOffset) + 1n);
    });
  }

  /** There is no message from one offset up to, and without, the other. */
  note(topic: string, partition: number, from: bigint, to: bigint): void {
    if (to <= from) return;
    const place = `${topic}/${partition}`;
    const before = this.#known.get(place);
    const goesOn = before !== undefined && from <= before.to && from >= before.from;
    this.#known.set(place, goesOn ? { from: before.from, to: to > before.to ? to : before.to } : { from, to });
  }

  /** Where the first message from `next` on may be, so far as is known. */
  behind(topic: string, partition: number, next: bigint): bigint {
    const range = this.#known.get(`${topic}/${partition}`);
    return range && range.from <= next && next < range.to ? range.to : next;
  }
}
