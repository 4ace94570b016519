import type { Outbox } from '#alerting';
import type { CoverageQuery, CoverageReport } from '#detection';
import type { HttpParts, KeyRing } from '#http';
import type { RecordLog } from '#stream';
import type { DoorSettings } from './config.js';

/** What the doors of the embedded service need beyond those for reading. */
export interface DoorParts extends HttpParts {
  readonly log: RecordLog;
  readonly outbox: Outbox;
  readonly keys: KeyRing;
  /** Names of the sources that a sender may name; `http` where it names none. */
  readonly sources: readonly string[];
  /** The ledger of what was evaluated. */
  readonly coverage?: (query: CoverageQuery) => CoverageReport | undefined;
  /** Accepted records that the pipeline has not folded yet. */
  readonly lag: () => number;
  readonly settings: DoorSettings;
}

/** Injection token of {@link DoorParts}. */
export const doorParts = Symbol('DoorParts');
