import type { ClusterProcess } from '#cluster';
import type { FieldIndex } from '#ecs';
import { openElastic, type ElasticEngine } from '#elastic';

/** The way to Elasticsearch, opened when the first task needs it: a cluster that is away must not keep ingest from starting. */
export class ElasticDoor {
  #engine: Promise<ElasticEngine> | undefined;

  constructor(
    private readonly process: ClusterProcess,
    private readonly index: FieldIndex,
  ) {}

  engine(): Promise<ElasticEngine> {
    if (!this.#engine) {
      const { config, clock, logger, metrics } = this.process;
      const opening = openElastic({ settings: config.elasticsearch, clock, logger, metrics, index: this.index });
      opening.catch(() => (this.#engine = undefined));
      this.#engine = opening;
    }
    return this.#engine;
  }

  /** What the cluster says of itself, and what waits for it. */
  async health(): Promise<Readonly<Record<string, unknown>>> {
    if (!this.#engine) return { cluster: 'unreachable' };
    try {
      return { ...(await (await this.#engine).health()) };
    } catch {
      return { cluster: 'unreachable' };
    }
  }

  async close(): Promise<void> {
    const engine = await this.#engine?.catch(() => undefined);
    await engine?.close();
  }
}
