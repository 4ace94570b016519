import type { Outbox } from '#alerting';
import type { CoverageQuery, CoverageReport } from '#detection';
import type { EventStore } from '#query';
import type { RecordLog } from '#stream';
import type { Logger, Metrics } from '#telemetry';
import type { Clock } from '#time';
import type { Check } from '../health/health.js';
import type { KeyRing } from '../keys/key-ring.js';
import type { StoredEvents } from '../scan/swept-line.js';
import type { Schedule } from '../schedules.js';
import type { HttpSettings } from './config.js';

/** All that the HTTP doors need. */
export interface HttpParts {
  readonly log: RecordLog;
  readonly events: EventStore;
  /** The same events in bulk, in the order of the log. */
  readonly stored?: StoredEvents;
  readonly outbox: Outbox;
  readonly keys: KeyRing;
  /** Names of the sources that a sender may name; `http` where it names none. */
  readonly sources: readonly string[];
  /** The ledger of what was evaluated. */
  readonly coverage?: (query: CoverageQuery) => CoverageReport | undefined;
  /** Accepted records that the pipeline has not folded yet. */
  readonly lag: () => number;
  readonly checks: readonly Check[];
  /** Where the doors count what they do. */
  readonly metrics: Metrics;
  /** The whole of the metrics in Prometheus' text format. */
  readonly renderMetrics: () => Promise<string>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: HttpSettings;
  /** Work done now and then while the service runs. */
  readonly schedules?: readonly Schedule[];
  /** Shown in the documentation. */
  readonly version?: string;
}

/** Injection token of {@link HttpParts}: the controllers' only dependency on the outside. */
export const httpParts = Symbol('HttpParts');
/** Injection token of `Health`. */
export const healthChecks = Symbol('Health');
