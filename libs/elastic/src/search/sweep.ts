import { documentBase, eventOfDocument, type Event, type JsonObject } from '#ecs';
import type { SweepQuery } from '#query';
import type { Clock, Millis } from '#time';
import type { Cluster } from '../cluster.js';
import { patiently } from '../write/retry.js';

export interface SweepParts {
  readonly cluster: Cluster;
  readonly target: string;
  /** What is to hold of a document. */
  readonly filter: readonly JsonObject[];
  readonly clock: Clock;
  /** Aborted when nobody waits any more. */
  readonly closing: AbortSignal;
}

interface Hit {
  readonly _source: JsonObject;
  readonly sort: readonly (string | number)[];
}

interface Answer {
  readonly pit_id?: string;
  readonly hits?: { readonly hits?: readonly Hit[] };
}

/** Documents of one request: some seven megabytes. */
const pageSize = 5000;
/** How long Elasticsearch keeps what a sweep sees while nothing more is asked for. */
const keepAlive = '5m';
const retryFor: Millis = 10_000;

/**
 * The order of arrival would not do: of two partitions that were read after a pause, one may come hours before the other, which live detection waits for. In the order of event time nothing
 * is late. What has one time lies as in its partition.
 */
const order = [
  { '@timestamp': { order: 'asc', unmapped_type: 'date' } },
  { 'gatewatch.offset': { order: 'asc', unmapped_type: 'long' } },
  { 'event.id': { order: 'asc', unmapped_type: 'keyword' } },
];

/**
 * All events that are stored when the sweep begins, in the order of event time, page by page: the next page is fetched while one is looked at. Their offsets are places in this order.
 * A point in time is kept for it, which ends with the sweep.
 */
export async function* sweepEvents(parts: SweepParts, { slots, index }: Pick<SweepQuery, 'slots' | 'index'>): AsyncGenerator<Event[]> {
  const pit = await open(parts);
  if (pit === undefined) return;
  const names = slots && index.names();
  const body = {
    size: pageSize,
    query: { bool: { filter: parts.filter } },
    sort: order,
    track_total_hits: false,
    ...(slots && { _source: [...documentBase, ...[...slots].map((slot) => names![slot]!)] }),
  };
  let id = pit;
  const page = async (after?: readonly (string | number)[]): Promise<readonly Hit[]> => {
    const asked = { ...body, pit: { id, keep_alive: keepAlive }, ...(after && { search_after: after }) };
    const { pit_id: newest, hits } = await ask(parts, asked);
    id = newest ?? id;
    return hits?.hits ?? [];
  };
  try {
    let place = 0;
    let coming: Promise<readonly Hit[]> | undefined = page();
    while (coming) {
      const found: readonly Hit[] = await coming;
      coming = found.length === pageSize ? page(found.at(-1)!.sort) : undefined;
      coming?.catch(() => undefined);
      if (found.length) yield found.map(({ _source }) => eventOfDocument(_source, index, place++));
    }
  } finally {
    await parts.cluster.request('DELETE', '/_pit', { body: { id } }).catch(() => undefined);
  }
}

/** What is stored now, or nothing where nothing ever was. Without a shard of it there is an error, not a part. */
async function open(parts: SweepParts): Promise<string | undefined> {
  const query = { keep_alive: keepAlive, ignore_unavailable: true };
  const { body } = await patiently({ ...parts, retryFor }, () =>
    parts.cluster.request<{ id?: string }>('POST', `/${parts.target}/_pit`, { query, expect: [404] }),
  );
  return body.id;
}

async function ask(parts: SweepParts, body: object): Promise<Answer> {
  const query = { allow_partial_search_results: false, filter_path: 'pit_id,hits.hits._source,hits.hits.sort' };
  const { body: answer } = await patiently({ ...parts, retryFor }, () =>
    parts.cluster.request<Answer>('POST', '/_search', { query, body }),
  );
  return answer;
}
