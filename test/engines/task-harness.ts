import { once } from 'node:events';
import type { Kafka } from 'kafkajs';
import { Outlet, PartitionTasks, TaskState, TopicRestorer, type PartitionTask, type TaskMessage } from '#kafka';
import { noMetrics, type Logger } from '#telemetry';
import { systemClock } from '#time';

export interface MemberParts {
  readonly client: Kafka;
  readonly logger: Logger;
  readonly group: string;
  /** Read from here, a task for each partition … */
  readonly input: string;
  /** … whose state is here … */
  readonly state: string;
  /** … and which copies each message to the same partition of this, in the transaction of its state. */
  readonly output: string;
  /** Called with each message before it is copied; what it returns is waited for. */
  readonly meanwhile?: (member: Member, message: TaskMessage, partition: number) => Promise<void> | void;
}

/** A process of the distributed mode in small: it shares partitions with the other members of its group and copies what it reads, each message once. */
export class Member {
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  readonly #outlet: Outlet;
  readonly #restorer: TopicRestorer;
  /** Checkpoints that Kafka refused: another has the task. */
  refused = 0;
  opened = 0;
  /** When each partition was last said to have nothing more; undefined while it has. */
  readonly caughtUp = new Map<number, number | undefined>();
  tasks: PartitionTasks;

  private constructor(readonly parts: MemberParts) {
    const { client, logger, group, input, state } = parts;
    this.#outlet = new Outlet(client, logger);
    this.#restorer = new TopicRestorer(client, this.#outlet, [state], group);
    this.tasks = new PartitionTasks({
      client,
      group,
      topics: [input],
      timeout: 3000,
      foreignAfter: 3000,
      open: (_, partition) => this.#open(partition),
      clock: systemClock,
      logger,
      metrics: noMetrics,
    });
    this.#done = this.#run();
    this.#done.catch(() => undefined);
  }

  static start(parts: MemberParts): Member {
    return new Member(parts);
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    await this.#outlet.connect();
    await this.#restorer.start();
    try {
      await this.tasks.run(this.#stop.signal);
    } finally {
      await this.#restorer.close();
      await this.#outlet.close();
    }
  }

  async #open(partition: number): Promise<PartitionTask> {
    const { client, state: topic, output, meanwhile } = this.parts;
    const state = await TaskState.open<{ next: string }>({ client, restorer: this.#restorer, outlet: this.#outlet, topic, partition });
    this.opened++;
    let next = BigInt(state.facts?.next ?? 0);
    const take = async (messages: readonly TaskMessage[]): Promise<void> => {
      for (const message of messages) await meanwhile?.(this, message, partition);
      const after = BigInt(messages.at(-1)!.offset) + 1n;
      const copies = messages.map(({ value }) => ({ topic: output, partition, value: value! }));
      await state
        .commit({ next: after.toString() }, copies, () => undefined)
        .catch((error: unknown) => {
          this.refused++;
          throw error;
        });
      next = after;
    };
    return {
      get next() {
        return next;
      },
      take,
      beat: async (caughtUp) => void this.caughtUp.set(partition, caughtUp),
      close: () => state.close(),
    };
  }
}

/** Waits until somebody calls `open`. */
export class Gate {
  readonly #target = new EventTarget();
  #isOpen = false;

  open(): void {
    this.#isOpen = true;
    this.#target.dispatchEvent(new Event('open'));
  }

  async passed(): Promise<void> {
    if (!this.#isOpen) await once(this.#target, 'open');
  }
}
