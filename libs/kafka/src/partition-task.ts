import type { KafkaMessage } from 'kafkajs';
import type { Millis } from '#time';

/** A message as tasks take it. */
export type TaskMessage = Pick<KafkaMessage, 'key' | 'value' | 'offset' | 'timestamp' | 'headers'>;

/** The work on one partition: a fold over its messages. */
export interface PartitionTask {
  /** Offset of the next message to take: where reading goes on, whatever the group has committed. */
  readonly next: bigint;
  /** Messages below this were taken before and are only looked at again: it does no harm if they are gone. Absent: `next`. */
  readonly needs?: bigint;
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
  /** Why the task stands still. */
  readonly problem?: string;
  /** Notifications that are not delivered yet, and how old the oldest of them is. */
  readonly outbox?: { readonly waiting: number; readonly oldest: Millis };
}
