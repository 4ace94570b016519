import type { Event, FieldName } from '#ecs';

/** Adds to an event what the line itself does not say. Never throws, never waits, keeps bounded memory, overwrites nothing the log gave. */
export interface Enricher {
  readonly name: string;
  /** What it can fill. */
  readonly fields: readonly FieldName[];
  /** Fields it reads that are not in the line itself, such as who a token was given to. */
  readonly reads?: readonly FieldName[];
  enrich(event: Event): void;
  /** Reads files that have changed. Called between batches, never while one is read. */
  refresh?(): void;
  /** How it stands, for `doctor` and the health page. */
  status?(): EnricherStatus;
  /** Version or date of the data it works with: kept with signals. */
  version?(): string | undefined;
}

export interface EnricherStatus {
  /** Age of the data it works with, in whole days, at the moment asked for. */
  readonly dataAgeDays?: number;
  /** One sentence for the operator, if something should be done. */
  readonly warning?: string;
}
