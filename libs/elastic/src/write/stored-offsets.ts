import type { Cluster } from '../cluster.js';

const most = 5000;

interface Hits {
  readonly hits?: {
    readonly hits?: readonly { readonly _id: string; readonly fields?: { readonly 'gatewatch.offset'?: readonly number[] } }[];
  };
}

/** Offsets of the events with these ids, in all backing indices. A `create` looks only into the one that is written to. */
export async function storedOffsets(cluster: Cluster, stream: string, ids: readonly string[]): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  if (ids.length === 0) return found;
  await cluster.request('POST', `/${stream}/_refresh`, { expect: [404] });
  const query = { ignore_unavailable: true, filter_path: 'hits.hits._id,hits.hits.fields' };
  for (let start = 0; start < ids.length; start += most) {
    const values = ids.slice(start, start + most);
    const body = { size: values.length, query: { ids: { values } }, _source: false, fields: ['gatewatch.offset'], track_total_hits: false };
    const { body: answer } = await cluster.request<Hits>('POST', `/${stream}/_search`, { query, body });
    for (const { _id, fields } of answer.hits?.hits ?? []) found.set(_id, fields?.['gatewatch.offset']?.[0] ?? NaN);
  }
  return found;
}

/** Offsets of documents whose backing index is known, read as of now and not as of the last refresh. */
export async function offsetsIn(
  cluster: Cluster,
  places: readonly { readonly id: string; readonly index: string }[],
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (let start = 0; start < places.length; start += most) {
    const docs = places.slice(start, start + most).map(({ id, index }) => ({ _id: id, _index: index, _source: ['gatewatch.offset'] }));
    const { body } = await cluster.request<{ docs: readonly { _id: string; _source?: { gatewatch?: { offset?: number } } }[] }>(
      'POST',
      '/_mget',
      {
        query: { filter_path: 'docs._id,docs._source' },
        body: { docs },
      },
    );
    for (const { _id, _source } of body.docs) if (_source?.gatewatch?.offset !== undefined) found.set(_id, _source.gatewatch.offset);
  }
  return found;
}

/** The highest stored offset of a range, or `undefined`: how far an earlier process had come beyond its mark. */
export async function highestOffset(cluster: Cluster, stream: string, range: { from: number; to: number }): Promise<number | undefined> {
  await cluster.request('POST', `/${stream}/_refresh`, { expect: [404] });
  const body = {
    size: 1,
    query: { range: { 'gatewatch.offset': { gte: range.from, lt: range.to } } },
    sort: [{ 'gatewatch.offset': { order: 'desc', unmapped_type: 'long' } }],
    _source: false,
    fields: ['gatewatch.offset'],
    track_total_hits: false,
  };
  const query = { ignore_unavailable: true, filter_path: 'hits.hits._id,hits.hits.fields' };
  const { body: answer } = await cluster.request<Hits>('POST', `/${stream}/_search`, { query, body });
  return answer.hits?.hits?.[0]?.fields?.['gatewatch.offset']?.[0];
}
