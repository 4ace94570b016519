import type { JsonObject } from '#ecs';
import type { Cluster } from '../cluster.js';
import type { MarkStore } from './mark-store.js';
import { patiently, type Patience } from './retry.js';

/** What a place that evaluates rules says of coverage, a document each: the newest counts, by the place in the log where it was said. */
export interface SaidOfCoverage {
  readonly place: string;
  readonly version: number;
  readonly part: JsonObject;
}

export interface CoverageWriterParts {
  readonly cluster: Cluster;
  readonly index: string;
  readonly marks: MarkStore;
  readonly patience: Patience;
}

/** Writes what is said in one partition, in its order; a repetition changes nothing. */
export class ElasticCoverageSink {
  private constructor(
    private readonly parts: CoverageWriterParts,
    private readonly task: string,
    readonly mark: number,
  ) {}

  static async open(parts: CoverageWriterParts, task: string): Promise<ElasticCoverageSink> {
    return new ElasticCoverageSink(parts, task, (await parts.marks.read(task)).mark);
  }

  /** @param mark Everything before it was said: at most what is written here, and what is older. */
  async put(said: readonly SaidOfCoverage[], mark: number): Promise<void> {
    const { cluster, index, marks, patience } = this.parts;
    const newest = new Map(said.map((one) => [one.place, one]));
    for (const { place, version, part } of newest.values()) {
      const query = { version, version_type: 'external' };
      const path = `/${index}/_doc/${encodeURIComponent(place)}`;
      await patiently(patience, () => cluster.request('PUT', path, { query, body: { place, part }, expect: [409] }));
    }
    await patiently(patience, () => marks.write(this.task, { mark, balance: {} }));
  }
}

/** What all places said last. */
export async function readCoverageParts(cluster: Cluster, index: string): Promise<JsonObject[]> {
  const query = { ignore_unavailable: true, filter_path: 'hits.hits._source' };
  const { body } = await cluster.request<{ hits?: { hits?: readonly { readonly _source: { readonly part: JsonObject } }[] } }>(
    'POST',
    `/${index}/_search`,
    { query, body: { size: 10_000 } },
  );
  return (body.hits?.hits ?? []).map(({ _source }) => _source.part);
}
