import type { ClusterProcess } from '#cluster';
import type { Signal } from '#ecs';
import type { ElasticSignalSink } from '#elastic';
import { type PartitionTask, type TaskMessage } from '#kafka';
import type { ElasticDoor } from './elastic-door.js';

/** Signals of one partition go to Elasticsearch. Where to go on is the mark that is written there with them. */
export class SignalIndexTask implements PartitionTask {
  #next: bigint;

  private constructor(private readonly sink: ElasticSignalSink) {
    this.#next = BigInt(sink.signalMark());
  }

  static async open(process: ClusterProcess, door: ElasticDoor, partition: number): Promise<SignalIndexTask> {
    return new SignalIndexTask(await (await door.engine()).signals(`${process.names.signals}-${partition}`));
  }

  get next(): bigint {
    return this.#next;
  }

  async take(messages: readonly TaskMessage[]): Promise<void> {
    const signals = messages.flatMap(({ value }) => (value ? [JSON.parse(value.toString()) as Signal] : []));
    const next = BigInt(messages.at(-1)!.offset) + 1n;
    await this.sink.putSignals(signals, Number(next));
    this.#next = next;
  }

  async beat(): Promise<void> {}

  async close(): Promise<void> {}
}
