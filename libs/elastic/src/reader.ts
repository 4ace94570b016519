import type { FieldIndex, JsonObject } from '#ecs';
import type { EventStore } from '#query';
import type { Clock } from '#time';
import { Cluster } from './cluster.js';
import { clusterHealth } from './cluster-health.js';
import type { ElasticConfig } from './config.js';
import { namesIn, type Names } from './names.js';
import { readCoverageParts } from './write/coverage-store.js';
import { ElasticEventStore } from './search/event-store.js';

/** Whether searches are answered, and how the cluster is as far as the reader may ask. */
export interface ReaderHealth {
  readonly answers: boolean;
  /** Elasticsearch's own word, where the key has the privilege `monitor`. */
  readonly cluster?: string;
  /** Why not. */
  readonly reason?: string;
}

export interface ReaderParts {
  readonly settings: ElasticConfig;
  readonly clock: Clock;
  /** Names of the slots beyond the event table. */
  readonly index?: FieldIndex;
}

/** A connection for searching and nothing else. */
export interface ElasticReader {
  readonly store: EventStore;
  readonly names: Names;
  /** What each place that evaluates rules said last of how far it is. */
  coverage(): Promise<JsonObject[]>;
  health(): Promise<ReaderHealth>;
  close(): Promise<void>;
}

/**
 * Opens the searching side alone. Nothing is asked of the cluster at the opening and nothing is put there, so the privilege `read` on what Gatewatch keeps
 * suffices, and a cluster that is away is no trouble before the first search. It never refreshes: what was just written is found when the cluster has
 * refreshed by itself.
 * @throws ServiceError `elastic_setup` for a CA file that cannot be read.
 */
export function openElasticStore({ settings, clock, index }: ReaderParts): ElasticReader {
  const cluster = new Cluster(settings);
  const names = namesIn(settings.namespace);
  const closing = new AbortController();
  return {
    names,
    store: new ElasticEventStore({ cluster, names, index, fresh: async () => undefined, clock, closing: closing.signal }),
    coverage: () => readCoverageParts(cluster, names.coverage),
    health: async () => {
      const refused = await trouble(cluster, names);
      if (refused !== undefined) return { answers: false, reason: refused };
      const { cluster: status, reason } = await clusterHealth(cluster);
      return { answers: true, ...(reason === undefined && { cluster: status }) };
    },
    close: async () => {
      closing.abort();
      await cluster.close();
    },
  };
}

/** What a search says that asks for nothing; `undefined` if it is answered. */
async function trouble(cluster: Cluster, { events, signals }: Names): Promise<string | undefined> {
  try {
    const query = { ignore_unavailable: true, allow_no_indices: true, allow_partial_search_results: false, filter_path: 'timed_out' };
    const body = { size: 0, terminate_after: 1, track_total_hits: false };
    await cluster.request('POST', `/${events},${signals}/_search`, { query, body });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
