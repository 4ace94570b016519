import type { Event, Evidence, FieldIndex, JsonObject, Level, Signal, SignalStatus } from '#ecs';

/** A page of a search, newest first. `cursor` continues it and is opaque; absent at the end. */
export interface Page<T> {
  readonly found: readonly T[];
  readonly cursor?: string;
}

/** A field of the event table or a dotted name below `extra`, and the values one of which it must have (exact, or a CIDR for `ip` fields). */
export type FieldFilters = Readonly<Record<string, readonly string[]>>;

export interface EventSearch {
  /** Event time, in milliseconds; from is inclusive, to exclusive. */
  readonly from?: number;
  readonly to?: number;
  readonly filters?: FieldFilters;
  readonly limit: number;
  readonly cursor?: string;
}

export interface SignalSearch {
  readonly from?: number;
  readonly to?: number;
  readonly rule?: string;
  readonly status?: SignalStatus;
  readonly level?: Level;
  /** Group-by field → value. */
  readonly group?: Readonly<Record<string, string>>;
  readonly limit: number;
  readonly cursor?: string;
}

export interface DeadLetterSearch {
  /** Arrival time. */
  readonly from?: number;
  readonly to?: number;
  readonly reason?: string;
  readonly source?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** Which stored events are read in log order, and how much of each. */
export interface SweepQuery {
  /** Event time, in milliseconds; from is inclusive, to exclusive. */
  readonly from?: number;
  readonly to?: number;
  /** Slots that are wanted; all where this is left out. Fields beyond the table may come in any case. */
  readonly slots?: ReadonlySet<number>;
  /** Gives slots to fields beyond the table. */
  readonly index: FieldIndex;
}

/**
 * Stored events in the order of the log: of a data directory, of a service that runs, or of Elasticsearch. Where many logs are stored together, they have no order but that of
 * event time: in it they come, nothing is late, and offsets are places in it.
 */
export interface StoredEvents {
  sweep(query: SweepQuery): AsyncIterable<readonly Event[]>;
}

/**
 * The searching side of the store: port with the adapters `local` (DuckDB) and `elastic` (Elasticsearch).
 * @throws ServiceError `query_invalid` (not retryable) naming the field, value or cursor that is wrong.
 */
export interface EventStore extends StoredEvents {
  searchEvents(search: EventSearch): Promise<Page<JsonObject>>;
  searchSignals(search: SignalSearch): Promise<Page<Signal>>;
  searchDeadLetters(search: DeadLetterSearch): Promise<Page<JsonObject>>;
  event(id: string): Promise<JsonObject | undefined>;
  signal(id: string): Promise<Signal | undefined>;
  /**
   * The stored events that a signal names as its evidence, in that order; those no longer kept are missing. A store that holds the events of several logs
   * goes by the id, since two logs can have one offset: evidence without an id names no event there.
   */
  eventsOf(evidence: readonly Evidence[]): Promise<JsonObject[]>;
}

/** Where signals are written for searching: the highest revision of each id wins. */
export interface SignalSink {
  /** Sequence number in the signal journal up to which everything is stored. */
  signalMark(): number;
  /** Stores and moves the mark in one transaction. */
  putSignals(signals: readonly Signal[], mark: number): Promise<void>;
}
