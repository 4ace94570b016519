/** One column of a stretch on its way to the worker, `undefined` where no row has a value. An absent value is code 0, length 0 or NaN. */
export type EncodedColumn =
  | { readonly kind: 'dictionary'; readonly codes: Uint16Array | Uint32Array; readonly text: string; readonly lengths: Uint32Array }
  | { readonly kind: 'text'; readonly text: string; readonly lengths: Uint32Array }
  | { readonly kind: 'long' | 'double'; readonly values: Float64Array }
  | { readonly kind: 'boolean'; readonly values: Uint8Array }
  /** Every row has a value, which may be empty. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly lengths: Uint32Array };

/** Rows by column, in the order of the table's {@link ColumnPlan}. */
export interface EncodedRows {
  readonly rows: number;
  readonly columns: readonly (EncodedColumn | undefined)[];
}

export type ColumnType = 'text' | 'long' | 'double' | 'boolean' | 'bytes';

export interface ColumnPlan {
  readonly name: string;
  readonly type: ColumnType;
  /** Index of the `ip` column whose sortable form this one holds: made by the worker, once per distinct address. */
  readonly keyOf?: number;
}

/** Counts of one source, in the order stored, dead-lettered, duplicate, blank. */
export type Counts = readonly [stored: number, deadLettered: number, duplicate: number, blank: number];

export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly events: EncodedRows;
  readonly deadLetters: EncodedRows;
  readonly counts: Readonly<Record<string, Counts>>;
  /** Sender's own ids, with the row, the offset and the source of each: only these can be stored already. */
  readonly own: readonly { readonly id: string; readonly offset: number; readonly source: string }[];
  readonly minTime: number;
  readonly maxTime: number;
}

export interface SignalRow {
  readonly id: string;
  readonly revision: number;
  readonly reached: number;
  readonly last: number;
  readonly rule: string;
  readonly status: string;
  readonly level: string;
  readonly group: string;
  readonly json: string;
}

export type Bound = string | number | boolean;

/** A condition whose `?` are filled by `values`, one each. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly Bound[];
}

export interface EventQuery {
  readonly from?: number;
  readonly to?: number;
  readonly before?: readonly [time: number, offset: number];
  readonly where: readonly Condition[];
  readonly limit: number;
}

/** One step of reading everything in log order: the events of a run of offsets. */
export interface SweepQuery {
  /** Event time, in milliseconds; from is inclusive, to exclusive. */
  readonly from?: number;
  readonly to?: number;
  /** Where the run begins. */
  readonly offset: number;
  /** Places in the table's columns of those wanted, in the order of the rows' values. */
  readonly columns: readonly number[];
}

export interface SweepPage {
  readonly rows: Row[];
  /** Where the next run begins; absent behind the last event. */
  readonly next?: number;
}

export type Row = readonly (string | number | boolean | null | Uint8Array)[];

/** What the worker is asked, by name, and what it answers. */
export interface Requests {
  append(stretch: Stretch): { mark: number };
  /** After the appends that were asked for before. */
  marks(): Opened;
  balance(): Record<string, Counts>;
  putSignals(signals: readonly SignalRow[], mark: number): undefined;
  events(query: EventQuery): Row[];
  eventsAt(offsets: readonly number[]): Row[];
  sweep(query: SweepQuery): SweepPage;
  table(name: 'signals' | 'dead_letters', query: TableQuery): Row[];
  maintain(now: number): { segments: number; hotRows: number };
  retain(before: number): { segments: number };
  counts(): { events: number; deadLetters: number; segments: number; hotRows: number };
  close(): undefined;
}

export interface TableQuery {
  readonly columns: readonly string[];
  readonly where: readonly Condition[];
  readonly order: string;
  readonly limit: number;
}

export interface Request {
  readonly id: number;
  readonly name: keyof Requests;
  readonly args: readonly unknown[];
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

export type Response = { readonly id: number; readonly result: unknown } | { readonly id: number; readonly failure: Failure };

export interface WorkerSettings {
  readonly dir: string;
  readonly columns: readonly ColumnPlan[];
  readonly deadLetterColumns: readonly ColumnPlan[];
  readonly memoryLimit: string;
  readonly threads: number;
  /** Stretches with at least so many rows become a file of their own. */
  readonly segmentRows: number;
}

/** What the worker says when it is ready. */
export interface Opened {
  readonly mark: number;
  readonly signalMark: number;
}
