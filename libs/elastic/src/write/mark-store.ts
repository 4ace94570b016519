import type { SourceBalance } from '#ingest';
import type { Cluster } from '../cluster.js';

/** How far a task has come, and what it counted on the way. */
export interface Mark {
  readonly mark: number;
  readonly balance: Readonly<Record<string, SourceBalance>>;
}

interface Found {
  readonly _source: Mark & { readonly task: string };
}

/** Marks of the tasks, one document each. A mark only rises: it is its own version. */
export class MarkStore {
  constructor(
    private readonly cluster: Cluster,
    private readonly index: string,
  ) {}

  async read(task: string): Promise<Mark> {
    const { status, body } = await this.cluster.request<Found>('GET', this.#path(task), { expect: [404] });
    return status === 404 ? { mark: 0, balance: {} } : { mark: body._source.mark, balance: body._source.balance };
  }

  /** False if the task's mark is already there or beyond: another process has this task, or had it. */
  async write(task: string, { mark, balance }: Mark): Promise<boolean> {
    const query = { version: mark, version_type: 'external' };
    const { status } = await this.cluster.request('PUT', this.#path(task), { query, body: { task, mark, balance }, expect: [409] });
    return status !== 409;
  }

  /** Every task's mark. */
  async all(): Promise<Readonly<Record<string, Mark>>> {
    await this.cluster.request('POST', `/${this.index}/_refresh`, { expect: [404] });
    const query = { ignore_unavailable: true, filter_path: 'hits.hits._source' };
    const { body } = await this.cluster.request<{ hits?: { hits?: readonly Found[] } }>('POST', `/${this.index}/_search`, {
      query,
      body: { size: 10_000 },
    });
    return Object.fromEntries((body.hits?.hits ?? []).map(({ _source: { task, mark, balance } }) => [task, { mark, balance }]));
  }

  #path(task: string): string {
    return `/${this.index}/_doc/${encodeURIComponent(task)}`;
  }
}
