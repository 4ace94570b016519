import type { DeadLetter, Event } from '#ecs';

/** What became of the records of one stretch of the log: each has exactly one outcome, empty lines apart, which are no records. */
export interface Ingested {
  /** First offset of the stretch and the first offset after it. */
  readonly from: number;
  readonly to: number;
  /** In offset order. */
  readonly events: readonly Event[];
  readonly deadLetters: readonly DeadLetter[];
  /** Records whose sender's own id came before, within the dedupe horizon. */
  readonly duplicates: readonly { readonly offset: number; readonly source: string }[];
  /** Empty lines, per source. */
  readonly blank: Readonly<Record<string, number>>;
}

/**
 * Where events and dead letters go: port with the adapters `local` (DuckDB) and, later, Elasticsearch.
 * Written with "create" semantics: a record that is there already is left alone.
 */
export interface EventSink {
  /** Everything before this offset is stored. */
  mark(): number;
  /**
   * Stores a stretch and moves the mark in one transaction; resolves when it is safe. Records below the mark are skipped, so a stretch may be
   * handed over again, cut differently, after a crash.
   * @throws ServiceError, retryable when the store is only unable for now (disk full, engine down); then nothing of the stretch was stored.
   */
  append(batch: Ingested): Promise<void>;
  /** Right side of the balance, per source, since the store was made. */
  balance(): Promise<Readonly<Record<string, SourceBalance>>>;
}

export interface SourceBalance {
  readonly stored: number;
  readonly deadLettered: number;
  readonly duplicate: number;
  readonly blank: number;
}
