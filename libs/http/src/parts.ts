import type { EventStore } from '#query';
import type { Logger, Metrics } from '#telemetry';
import type { Clock } from '#time';
import type { Check } from './health/health.js';
import type { Verdict } from './keys/key-ring.js';
import type { Schedule } from './schedules.js';

/** Whom a port lets in, and how many at a time. */
export interface HttpSettings {
  readonly allowPublic: boolean;
  readonly maxConnections: number;
  /** Readings of all stored events at the same time. */
  readonly maxSweeps: number;
}

/** What is asked about a key. `KeyRing` fits. */
export interface KeyCheck {
  verify(presented: string, address: string): Verdict;
}

/** All that the door for reading needs, and every door with it. */
export interface HttpParts {
  readonly events: EventStore;
  readonly keys: KeyCheck;
  readonly checks: readonly Check[];
  /** Where the doors count what they do. */
  readonly metrics: Metrics;
  /** The whole of the metrics in Prometheus' text format. */
  readonly renderMetrics: () => Promise<string>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: HttpSettings;
  /** Work done now and then while the process runs. */
  readonly schedules?: readonly Schedule[];
  /** Shown in the documentation. */
  readonly version?: string;
}

/** Injection token of {@link HttpParts}. */
export const httpParts = Symbol('HttpParts');
/** Injection token of `Health`. */
export const healthChecks = Symbol('Health');
