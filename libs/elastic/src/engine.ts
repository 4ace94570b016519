import type { FieldIndex } from '#ecs';
import type { EventStore } from '#query';
import type { Logger, Metrics } from '#telemetry';
import type { Clock, Millis } from '#time';
import { clusterHealth } from './cluster-health.js';
import { Cluster } from './cluster.js';
import type { ElasticConfig } from './config.js';
import { namesIn, type Names } from './names.js';
import { ElasticEventStore } from './search/event-store.js';
import { askFeatures, type Features } from './setup/features.js';
import { install } from './setup/install.js';
import { upkeep } from './setup/upkeep.js';
import { Bulk } from './write/bulk.js';
import { ElasticCoverageSink } from './write/coverage-store.js';
import { ElasticEventSink, type EventTask } from './write/event-sink.js';
import { MarkStore } from './write/mark-store.js';
import { patiently, type Patience } from './write/retry.js';
import { ElasticSignalSink } from './write/signal-writer.js';
import { Tally, type Balance } from './write/stretch.js';
import { StretchWriter } from './write/stretch-writer.js';

export interface ElasticParts {
  readonly settings: ElasticConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Names of the slots beyond the event table. */
  readonly index?: FieldIndex;
}

/** The state of the cluster as a health page shows it. */
export interface ElasticHealth {
  /** Elasticsearch's own word: green, yellow or red; `unreachable` where it does not answer. */
  readonly cluster: string;
  readonly inFlight: number;
  /** Callers that wait for a place among the requests. */
  readonly waiting: number;
  readonly reason?: string;
}

/** One connection to a cluster, and everything that Gatewatch keeps in it. */
export interface ElasticEngine {
  readonly store: EventStore;
  readonly names: Names;
  readonly features: Features;
  /** The writer of one task's events; open it anew when the task comes from another process. */
  events(task: EventTask): Promise<ElasticEventSink>;
  /** The writer of one signal journal. */
  signals(task: string): Promise<ElasticSignalSink>;
  /** The writer of what is said of coverage in one partition. */
  coverage(task: string): Promise<ElasticCoverageSink>;
  /** Sum of the balances of all tasks. */
  balance(): Promise<Balance>;
  health(): Promise<ElasticHealth>;
  /** Deletes what is older than the retention. Call it every hour or so. */
  maintain(now: Millis): Promise<void>;
  /** Makes everything written so far visible to searches. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Connects, asks what the cluster can do, and puts templates.
 * @throws ServiceError, retryable when the cluster does not answer (yet).
 */
export async function openElastic({ settings, clock, logger, metrics, index }: ElasticParts): Promise<ElasticEngine> {
  const cluster = new Cluster(settings);
  const names = namesIn(settings.namespace);
  const closing = new AbortController();
  const patience: Patience = { clock, retryFor: settings.bulk.retry_for, closing: closing.signal };
  const features = await opened(cluster, async () => {
    const found = await patiently(patience, () => askFeatures(cluster, logger));
    await install({ cluster, settings, names, features: found, logger });
    return found;
  });
  const bulk = new Bulk({ cluster, logger, metrics, inFlight: settings.bulk.in_flight, ...patience });
  const marks = new MarkStore(cluster, names.marks);
  const stale = new Set<string>();
  const refresh = async (): Promise<void> => {
    for (const target of [...stale]) {
      stale.delete(target);
      await cluster.request('POST', `/${target}/_refresh`, { expect: [404] });
    }
  };
  const lanes = settings.bulk.in_flight;
  const writer = new StretchWriter({ cluster, bulk, names, logger, index, bulkBytes: settings.bulk.size, lanes });
  const wrote =
    (...targets: string[]) =>
    (): void =>
      targets.forEach((target) => stale.add(target));
  return {
    names,
    features,
    store: new ElasticEventStore({ cluster, names, index, fresh: refresh, clock, closing: closing.signal }),
    events: (task) => {
      const written = wrote(names.events, names.deadLetters);
      return ElasticEventSink.open({ cluster, names, marks, writer, patience, logger, inFlight: lanes, written }, task);
    },
    signals: (task) => ElasticSignalSink.open({ names, bulk, marks, patience, logger, written: wrote(names.signals) }, task),
    coverage: (task) => ElasticCoverageSink.open({ cluster, index: names.coverage, marks, patience }, task),
    balance: async () => {
      const all = Object.values(await marks.all());
      return all.reduce<Balance>((sum, { balance }) => Tally.of(balance).addTo(sum), {});
    },
    health: async () => ({ ...(await clusterHealth(cluster)), ...bulk.load() }),
    maintain: (now) => upkeep({ cluster, names, features, logger, retention: settings.retention }, now),
    refresh,
    close: async () => {
      closing.abort();
      await cluster.close();
    },
  };
}

async function opened<T>(cluster: Cluster, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await cluster.close();
    throw error;
  }
}
