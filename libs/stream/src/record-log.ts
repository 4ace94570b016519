/** One accepted piece of a source: whole records, newline between them, bytes as they came (a CR before the newline stays). */
export interface RecordBatch {
  /** Name of the source as configured: decides format, time zone, grace. */
  readonly source: string;
  /** Wall clock at acceptance, in milliseconds. */
  readonly arrival: number;
  /** Records in `payload`: newlines plus one if the last record has none. Empty lines count: each has an offset. */
  readonly count: number;
  readonly payload: Uint8Array;
  /** 12 characters naming the thing that was read (a file's identity); event ids are made of it and `position`. Absent: the log itself and the offset. */
  readonly tag?: string;
  /** Byte position of the payload's first byte in that thing. With a tag, a record's position is `position` + its byte offset in the payload. */
  readonly position?: number;
  /** The line that said what the columns of the following records are, where one stood before the payload: `#Fields: …` of an extended log. */
  readonly header?: string;
}

/** A batch that has its place: its records are `offset` … `offset + count - 1`. */
export interface LoggedBatch extends RecordBatch {
  readonly offset: number;
}

/** A progress record: the wall clock, written into the log so that timers fire from the log and a replay fires them at the same place. It takes one offset. */
export interface Tick {
  readonly offset: number;
  readonly tick: number;
}

export type LogEntry = LoggedBatch | Tick;

export function isTick(entry: LogEntry): entry is Tick {
  return 'tick' in entry;
}

/** Saved reading positions of followed files and the like, written in the same transaction as the records they cover. */
export type Bookmarks = Readonly<Record<string, string>>;

/**
 * The log of accepted records: one partition, offsets rise by one a record without holes. Appends from one process only.
 */
export interface RecordLog {
  /** Offset of the oldest record kept and the offset that the next record will get. */
  start(): number;
  end(): number;
  /**
   * Appends in order, all or nothing, and resolves when the bytes are on disk: only then may a sender be told "accepted".
   * Gives the offset of the first record appended.
   * @throws ServiceError `log_full` (retryable) when the disk has no room; nothing was accepted.
   */
  append(batches: readonly RecordBatch[], bookmarks?: Bookmarks): Promise<number>;
  /** Appends a progress record. It need not be durable at once. */
  tick(now: number): Promise<void>;
  /** The entries from `offset` on (the first may begin before it), at most `maxBytes` of payload but at least one entry if there is one. */
  read(offset: number, maxBytes: number): LogEntry[];
  /** Resolves when `end()` has passed `offset`, or when the signal is aborted. */
  waitFor(offset: number, signal: AbortSignal): Promise<void>;
  bookmark(key: string): string | undefined;
  /** Records received per source since the data directory was made: the left side of the balance. */
  received(): Readonly<Record<string, number>>;
  /** Forgets entries that lie wholly before `offset`. */
  trim(offset: number): Promise<void>;
  close(): Promise<void>;
}
