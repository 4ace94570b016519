import type { HeardMinute } from '#detection';

/** Lines of a source stopped fitting its format, as the reader of a channel found out. */
export interface DriftTold {
  /** Number of the record that decided it. */
  readonly record: number;
  readonly id: string;
  readonly arrival: number;
  readonly time: number;
}

/** What one message of `events` says of its source, for the place that watches over sources. */
export interface HeardChunk {
  /** The message's place in its partition of `events`: what comes again is not above. */
  readonly origin: number;
  readonly source: string;
  /** Fields that some of the events have. */
  readonly fields: readonly string[];
  readonly minutes: readonly Omit<HeardMinute, 'source' | 'offset' | 'fields'>[];
  readonly drifts: readonly DriftTold[];
}
