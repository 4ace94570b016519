import type { ClusterProcess } from '#cluster';
import type { JsonObject } from '#ecs';
import type { ElasticCoverageSink } from '#elastic';
import type { PartitionTask, TaskMessage } from '#kafka';
import type { ElasticDoor } from './elastic-door.js';

/** What windows tasks say of coverage goes to Elasticsearch, where `gatewatch query` answers from. Where to go on is the mark that is written there with it. */
export class CoverageIndexTask implements PartitionTask {
  #next: bigint;

  private constructor(private readonly sink: ElasticCoverageSink) {
    this.#next = BigInt(sink.mark);
  }

  static async open({ names }: ClusterProcess, door: ElasticDoor, partition: number): Promise<CoverageIndexTask> {
    return new CoverageIndexTask(await (await door.engine()).coverage(`${names.coverage}-${partition}`));
  }

  get next(): bigint {
    return this.#next;
  }

  async take(messages: readonly TaskMessage[]): Promise<void> {
    const said = messages.flatMap(({ key, value, offset }) =>
      key && value ? [{ place: key.toString(), version: Number(offset) + 1, part: JSON.parse(value.toString()) as JsonObject }] : [],
    );
    const next = BigInt(messages.at(-1)!.offset) + 1n;
    await this.sink.put(said, Number(next));
    this.#next = next;
  }

  async beat(): Promise<void> {}

  async close(): Promise<void> {}
}
