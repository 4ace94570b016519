import type { Event, Evidence, FieldIndex, JsonObject, Signal } from '#ecs';
import type { DeadLetterSearch, EventSearch, EventStore, Page, SignalSearch, SweepQuery } from '#query';
import type { Clock, Millis } from '#time';
import type { Cluster } from '../cluster.js';
import type { Names } from '../names.js';
import { patiently } from '../write/retry.js';
import { pageSize, readCursor, writeCursor } from './cursor.js';
import { clauses } from './filter.js';
import { sweepEvents } from './sweep.js';

export interface EventStoreParts {
  readonly cluster: Cluster;
  readonly names: Names;
  readonly index?: FieldIndex;
  /** Makes what this process has written visible, where it has written since. */
  readonly fresh: () => Promise<void>;
  readonly clock: Clock;
  /** Aborted when nobody waits any more. */
  readonly closing: AbortSignal;
}

interface Hit {
  readonly _source: JsonObject;
  readonly sort?: readonly (string | number)[];
}

interface Query {
  readonly target: string;
  readonly filter: readonly (JsonObject | undefined)[];
  readonly sort: readonly (readonly [field: string, type: 'date' | 'long' | 'keyword'])[];
  readonly limit: number;
  readonly cursor?: string;
  readonly source?: readonly string[];
}

/** Somebody waits for the answer; but a shard of a new index that is not there yet comes within moments. */
const retryFor: Millis = 1000;
/** Ids asked for at once. */
const mostIds = 5000;

/** The searching side: the same answers as the embedded store, from data streams. */
export class ElasticEventStore implements EventStore {
  constructor(private readonly parts: EventStoreParts) {}

  async searchEvents({ from, to, filters = {}, limit, cursor }: EventSearch): Promise<Page<JsonObject>> {
    const { found, next } = await this.#page('e', {
      target: this.parts.names.events,
      filter: [within(from, to), ...clauses(filters, this.parts.index)],
      sort: [
        ['@timestamp', 'date'],
        ['gatewatch.offset', 'long'],
        // Two partitions can have one offset.
        ['event.id', 'keyword'],
      ],
      limit,
      cursor,
    });
    return page(
      found.map(({ _source }) => _source),
      next,
    );
  }

  async event(id: string): Promise<JsonObject | undefined> {
    const [hit] = await this.#hits({ target: this.parts.names.events, filter: [{ ids: { values: [id] } }], sort: [], limit: 1 });
    return hit?._source;
  }

  /** By id alone: the offset in evidence is a place in what one task observed, and many partitions are stored here. */
  async eventsOf(evidence: readonly Evidence[]): Promise<JsonObject[]> {
    const ids = [...new Set(evidence.flatMap(({ id }) => id ?? []))];
    const found = new Map<string, JsonObject>();
    for (let start = 0; start < ids.length; start += mostIds) {
      const values = ids.slice(start, start + mostIds);
      const query = { target: this.parts.names.events, filter: [{ ids: { values } }], sort: [], limit: values.length };
      for (const { _source } of await this.#hits(query)) found.set((_source['event'] as { id: string }).id, _source);
    }
    return ids.map((id) => found.get(id)).filter((document) => document !== undefined);
  }

  async *sweep({ from, to, ...query }: SweepQuery): AsyncGenerator<readonly Event[]> {
    const { cluster, names, clock, closing, fresh } = this.parts;
    await fresh();
    const range = within(from, to);
    yield* sweepEvents({ cluster, target: names.events, clock, closing, filter: range ? [range] : [] }, query);
  }

  async searchSignals({ from, to, rule, status, level, group = {}, limit, cursor }: SignalSearch): Promise<Page<Signal>> {
    const { found, next } = await this.#page('s', {
      target: this.parts.names.signals,
      filter: [
        within(from, to),
        equal('rule.id', rule),
        equal('gatewatch.signal.status', status),
        equal('gatewatch.signal.level', level),
        ...Object.entries(group).map(([field, value]) => equal(`gatewatch.signal.group.${field}`, value)),
      ],
      sort: [
        ['@timestamp', 'date'],
        ['event.id', 'keyword'],
      ],
      limit,
      cursor,
      source: [record],
    });
    return page(found.map(signalOf), next);
  }

  async signal(id: string): Promise<Signal | undefined> {
    const filter = [{ ids: { values: [id] } }];
    const [hit] = await this.#hits({ target: this.parts.names.signals, filter, sort: [], limit: 1, source: [record] });
    return hit && signalOf(hit);
  }

  async searchDeadLetters({ from, to, reason, source, limit, cursor }: DeadLetterSearch): Promise<Page<JsonObject>> {
    const { found, next } = await this.#page('d', {
      target: this.parts.names.deadLetters,
      filter: [within(from, to), equal('error.code', reason), equal('gatewatch.source.name', source)],
      sort: [
        ['@timestamp', 'date'],
        ['gatewatch.offset', 'long'],
        ['event.id', 'keyword'],
      ],
      limit,
      cursor,
    });
    return page(
      found.map(({ _source }) => _source),
      next,
    );
  }

  /** One entry more than asked for tells whether there is a next page. */
  async #page(kind: string, query: Query): Promise<{ found: Hit[]; next?: string }> {
    const size = pageSize(query.limit);
    const types = query.sort.map(([, type]) => (type === 'keyword' ? ('string' as const) : ('number' as const)));
    const after = query.cursor === undefined ? undefined : readCursor(kind, query.cursor, types);
    const hits = await this.#hits({ ...query, limit: size + 1 }, after);
    const found = hits.slice(0, size);
    const last = found.at(-1)?.sort;
    return hits.length > size && last ? { found, next: writeCursor(kind, last) } : { found };
  }

  async #hits({ target, filter, sort, limit, source }: Query, after?: readonly (string | number)[]): Promise<readonly Hit[]> {
    await this.parts.fresh();
    const body = {
      size: limit,
      query: { bool: { filter: filter.filter((clause) => clause !== undefined) } },
      sort: sort.map(([field, type]) => ({ [field]: { order: 'desc', unmapped_type: type } })),
      ...(after && { search_after: after }),
      ...(source && { _source: source }),
      track_total_hits: false,
    };
    // Before the first document there is nothing to search, which is no trouble.
    // An answer without the documents of a shard that is away would look like a whole one.
    const query = {
      ignore_unavailable: true,
      allow_no_indices: true,
      allow_partial_search_results: false,
      filter_path: 'hits.hits._source,hits.hits.sort',
    };
    const { cluster, clock, closing } = this.parts;
    const { body: answer } = await patiently({ clock, closing, retryFor }, () =>
      cluster.request<{ hits?: { hits?: readonly Hit[] } }>('POST', `/${target}/_search`, { query, body }),
    );
    return answer.hits?.hits ?? [];
  }
}

const record = 'gatewatch.signal.record';

function signalOf({ _source }: Hit): Signal {
  const { signal } = _source['gatewatch'] as { signal: { record: string } };
  return JSON.parse(signal.record) as Signal;
}

function page<T>(found: readonly T[], cursor: string | undefined): Page<T> {
  return cursor === undefined ? { found } : { found, cursor };
}

function within(from: number | undefined, to: number | undefined): JsonObject | undefined {
  if (from === undefined && to === undefined) return undefined;
  const bounds = { ...(from !== undefined && { gte: from }), ...(to !== undefined && { lt: to }) };
  return { range: { '@timestamp': { ...bounds, format: 'epoch_millis' } } };
}

function equal(field: string, value: string | undefined): JsonObject | undefined {
  return value === undefined ? undefined : { term: { [field]: value } };
}
