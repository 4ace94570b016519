import type { EachBatchPayload } from 'kafkajs';
import type { Counter, Logger, Metrics } from '#telemetry';
import type { PartitionEnds } from './partition-ends.js';
import type { PartitionTask } from './partition-task.js';

/** Messages that the brokers deleted before their task took them: told once, as a hole in what was evaluated. */
export class LostMessages {
  readonly #lost: Counter;

  constructor(
    private readonly ends: PartitionEnds,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.#lost = metrics.counter(
      'kafka_lost_messages_total',
      'Messages that the brokers had deleted before their task took them: a hole in what was evaluated.',
      ['topic'],
    );
  }

  /** Whether the brokers have deleted what the task would have to read next, so that it can only go on behind it. A loss is told. */
  async isGone(batch: EachBatchPayload['batch'], task: PartitionTask): Promise<boolean> {
    const { topic, partition } = batch;
    const from = askedFor(batch);
    // What was known of the beginning may be from before the deletion.
    if ((this.ends.begin(topic, partition) ?? 0n) <= task.next) await this.ends.look();
    const begin = this.ends.begin(topic, partition) ?? 0n;
    if (begin <= task.next || from > begin) return false;
    const needs = task.needs ?? task.next;
    if (begin <= needs) return true;
    const lost = begin - needs;
    this.#lost.add(Number(lost), { topic });
    this.logger.error(
      'Messages were deleted by the brokers before they were read: there is a hole. Keep the topic for longer than the longest outage.',
      { topic, partition, from: needs.toString(), to: begin.toString(), lost: lost.toString() },
    );
    return true;
  }
}

/** The offset that was asked for: kafkajs has it and its types do not. Messages may begin later, where records were compacted or belong to transactions. */
export function askedFor(batch: EachBatchPayload['batch']): bigint {
  return BigInt((batch as typeof batch & { readonly fetchedOffset: string }).fetchedOffset);
}
