import { DuckDBBlobValue, DuckDBInstance, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Bound, ColumnPlan, ColumnType, Row, WorkerSettings } from '../messages.js';

/** A Parquet file of the store, as the manifest has it. */
export interface Segment {
  readonly file: string;
  readonly first: number;
  readonly last: number;
  readonly minTime: number;
  readonly maxTime: number;
  readonly rows: number;
  /** 0: as it was appended; 1: made by compaction, compressed. */
  readonly level: number;
  /** Some rows have a sender's own id. */
  readonly own: boolean;
}

const sqlTypes: Record<ColumnType, string> = { text: 'VARCHAR', long: 'BIGINT', double: 'DOUBLE', boolean: 'BOOLEAN', bytes: 'BLOB' };

/** Connections to the DuckDB file, its schema and the manifest of segments, kept in memory as committed. */
export class Database {
  readonly segmentDir: string;
  readonly scratchDir: string;
  segments: Segment[] = [];
  mark = 0;
  signalMark = 0;
  #instance: DuckDBInstance | undefined;
  #writer: DuckDBConnection | undefined;
  #reader: DuckDBConnection | undefined;
  #keeper: DuckDBConnection | undefined;

  constructor(readonly settings: WorkerSettings) {
    this.segmentDir = join(settings.dir, 'segments');
    this.scratchDir = join(settings.dir, 'scratch');
  }

  async open(): Promise<void> {
    mkdirSync(this.segmentDir, { recursive: true, mode: 0o700 });
    rmSync(this.scratchDir, { recursive: true, force: true });
    mkdirSync(this.scratchDir, { recursive: true, mode: 0o700 });
    this.#instance = await DuckDBInstance.create(join(this.settings.dir, 'events.duckdb'), {
      threads: String(this.settings.threads),
      memory_limit: this.settings.memoryLimit,
      temp_directory: this.scratchDir,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
      // It now and then takes a file that was written anew under its old name, as scratch files are, for the one before ("Out of buffer").
      enable_external_file_cache: 'false',
    });
    this.#writer = await this.#instance.connect();
    this.#reader = await this.#instance.connect();
    this.#keeper = await this.#instance.connect();
    const { columns, deadLetterColumns } = this.settings;
    for (const statement of schema(this.settings)) await this.#writer.run(statement);
    await addMissing(this.#writer, 'hot', columns);
    await addMissing(this.#writer, 'dead_letters', deadLetterColumns);
    await this.#reload();
    this.#removeOrphans();
  }

  close(): void {
    for (const connection of [this.#writer, this.#reader, this.#keeper]) connection?.closeSync();
    this.#instance?.closeSync();
    this.#instance = this.#writer = this.#reader = this.#keeper = undefined;
  }

  /** The connection for appends: one transaction at a time. */
  get writer(): DuckDBConnection {
    return this.#connected(this.#writer);
  }

  get reader(): DuckDBConnection {
    return this.#connected(this.#reader);
  }

  /** The connection for compaction and retention, so that those do not hold up appends. */
  get keeper(): DuckDBConnection {
    return this.#connected(this.#keeper);
  }

  /** After an error that leaves the engine unusable or its outcome unknown: what is on disk counts. */
  async reopen(): Promise<void> {
    this.close();
    await this.open();
  }

  path(segment: Segment): string {
    return join(this.segmentDir, segment.file);
  }

  #connected(connection: DuckDBConnection | undefined): DuckDBConnection {
    if (!connection) throw new Error('The event store is closed.');
    return connection;
  }

  async #reload(): Promise<void> {
    const [marks] = await rowsOf(this.writer, 'SELECT events::DOUBLE, signals::DOUBLE FROM marks');
    [this.mark, this.signalMark] = marks as [number, number];
    const rows = await rowsOf(
      this.writer,
      'SELECT file, first::DOUBLE, last::DOUBLE, min_time::DOUBLE, max_time::DOUBLE, rows::DOUBLE, level::DOUBLE, own FROM segments',
    );
    this.segments = rows.map((row) => {
      const [file, first, last, minTime, maxTime, count, level, own] = row as [
        string,
        number,
        number,
        number,
        number,
        number,
        number,
        boolean,
      ];
      return { file, first, last, minTime, maxTime, rows: count, level, own };
    });
  }

  /** Files of a stretch or a compaction that was cut short: they are in no manifest. */
  #removeOrphans(): void {
    const known = new Set(this.segments.map(({ file }) => file));
    for (const file of readdirSync(this.segmentDir)) if (!known.has(file)) rmSync(join(this.segmentDir, file), { force: true });
  }
}

function schema({ columns, deadLetterColumns }: WorkerSettings): string[] {
  return [
    table('hot', columns),
    table('dead_letters', deadLetterColumns),
    'CREATE TABLE IF NOT EXISTS segments (file VARCHAR, first BIGINT, last BIGINT, min_time BIGINT, max_time BIGINT, rows BIGINT, level INTEGER, own BOOLEAN)',
    'CREATE TABLE IF NOT EXISTS balance (source VARCHAR PRIMARY KEY, stored BIGINT, dead_lettered BIGINT, duplicate BIGINT, blank BIGINT)',
    'CREATE TABLE IF NOT EXISTS marks (events BIGINT, signals BIGINT)',
    'INSERT INTO marks SELECT 0, 0 WHERE NOT EXISTS (SELECT 1 FROM marks)',
    'CREATE TABLE IF NOT EXISTS signals (id VARCHAR PRIMARY KEY, revision BIGINT, reached BIGINT, last BIGINT, rule VARCHAR, status VARCHAR, level VARCHAR, grp VARCHAR, json VARCHAR)',
  ];
}

function table(name: string, columns: readonly ColumnPlan[]): string {
  return `CREATE TABLE IF NOT EXISTS ${name} (${columns.map((column) => `${quoted(column.name)} ${sqlTypes[column.type]}`).join(', ')})`;
}

/** The columns that a later version of Gatewatch added. */
async function addMissing(connection: DuckDBConnection, name: string, columns: readonly ColumnPlan[]): Promise<void> {
  const present = new Set(
    (await rowsOf(connection, 'SELECT column_name FROM duckdb_columns() WHERE table_name = ?', [name])).map(([column]) => column),
  );
  for (const column of columns) {
    if (!present.has(column.name)) await connection.run(`ALTER TABLE ${name} ADD COLUMN ${quoted(column.name)} ${sqlTypes[column.type]}`);
  }
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A path as an SQL text literal. Only names made here get into statements this way, values are bound. */
export function literal(path: string): string {
  return `'${path.replaceAll("'", "''")}'`;
}

export function fileList(paths: readonly string[]): string {
  return `read_parquet([${paths.map(literal).join(', ')}], union_by_name = true)`;
}

export async function rowsOf(connection: DuckDBConnection, sql: string, values: readonly Bound[] = []): Promise<Row[]> {
  const reader = await connection.runAndReadAll(sql, [...values]);
  return reader.getRows().map((row) => row.map(plain));
}

function plain(value: DuckDBValue): Row[number] {
  if (value instanceof DuckDBBlobValue) return Uint8Array.from(value.bytes);
  if (typeof value === 'bigint') return Number(value);
  return value as Row[number];
}

/** Runs `work` in a transaction; whatever it throws, nothing of it stays. */
export async function transaction<T>(connection: DuckDBConnection, work: () => Promise<T>): Promise<T> {
  await connection.run('BEGIN TRANSACTION');
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
  await connection.run('COMMIT');
  return result;
}
