import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Bound, Counts, EncodedRows, SignalRow, Stretch } from '../messages.js';
import { type Database, fileList, literal, quoted, rowsOf, transaction, type Segment } from './database.js';
import { writeRows } from './row-file.js';

const offsetColumn = quoted('gatewatch.offset');
const ownColumn = quoted('gatewatch.id.own');

/**
 * Stores a stretch: its rows (a file of their own, or in the hot table), its dead letters, counts and the mark, in one transaction.
 * After a failure the database must be reopened: only that tells whether the commit happened, and removes the file if it did not.
 */
export async function append(database: Database, stretch: Stretch): Promise<void> {
  const repeated = await repeatedOwn(database, stretch);
  const { rows } = stretch.events;
  const segment = repeated.size === 0 && rows >= database.settings.segmentRows ? writeSegment(database, stretch) : undefined;
  await transaction(database.writer, async () => {
    if (segment) await insertSegment(database, segment);
    else if (rows > repeated.size) await insertRows(database, 'hot', { rows: stretch.events, without: [...repeated] });
    if (stretch.deadLetters.rows > 0) await insertRows(database, 'dead_letters', { rows: stretch.deadLetters, without: [] });
    await addCounts(database, corrected(stretch, repeated));
    await database.writer.run('UPDATE marks SET events = ?::BIGINT', [stretch.to]);
  });
  if (segment) database.segments = [...database.segments, segment];
  database.mark = stretch.to;
}

function writeSegment(database: Database, stretch: Stretch): Segment {
  const offsets = stretch.events.columns[database.settings.columns.findIndex(({ name }) => name === 'gatewatch.offset')];
  const values = offsets?.kind === 'long' ? offsets.values : new Float64Array(1);
  const segment: Segment = {
    file: `${stretch.from}-${stretch.to}.parquet`,
    first: values[0]!,
    last: values[values.length - 1]!,
    minTime: stretch.minTime,
    maxTime: stretch.maxTime,
    rows: stretch.events.rows,
    level: 0,
    own: stretch.own.length > 0,
  };
  writeRows(database.path(segment), stretch.events, database.settings.columns, true);
  return segment;
}

export async function insertSegment(database: Database, segment: Segment, connection = database.writer): Promise<void> {
  const { file, first, last, minTime, maxTime, rows, level, own } = segment;
  await connection.run('INSERT INTO segments VALUES (?, ?::BIGINT, ?::BIGINT, ?::BIGINT, ?::BIGINT, ?::BIGINT, ?::INTEGER, ?)', [
    file,
    first,
    last,
    minTime,
    maxTime,
    rows,
    level,
    own,
  ]);
}

async function insertRows(
  database: Database,
  table: 'hot' | 'dead_letters',
  { rows, without }: { rows: EncodedRows; without: number[] },
): Promise<void> {
  const path = join(database.scratchDir, `${table}.parquet`);
  const plan = table === 'hot' ? database.settings.columns : database.settings.deadLetterColumns;
  writeRows(path, rows, plan, false);
  const condition = without.length ? `WHERE ${offsetColumn} NOT IN (${without.map(() => '?::BIGINT').join(', ')})` : '';
  try {
    await database.writer.run(`INSERT INTO ${table} BY NAME SELECT * FROM read_parquet(${literal(path)}) ${condition}`, without);
  } finally {
    rmSync(path, { force: true });
  }
}

async function addCounts(database: Database, counts: Readonly<Record<string, Counts>>): Promise<void> {
  for (const [source, [stored, deadLettered, duplicate, blank]] of Object.entries(counts)) {
    await database.writer.run(
      `INSERT INTO balance VALUES (?, ?::BIGINT, ?::BIGINT, ?::BIGINT, ?::BIGINT) ON CONFLICT (source) DO UPDATE SET stored = stored + excluded.stored,
       dead_lettered = dead_lettered + excluded.dead_lettered, duplicate = duplicate + excluded.duplicate, blank = blank + excluded.blank`,
      [source, stored, deadLettered, duplicate, blank],
    );
  }
}

function corrected({ counts, own }: Stretch, repeated: ReadonlySet<number>): Record<string, Counts> {
  const result = { ...counts };
  for (const { offset, source } of own) {
    const found = result[source];
    if (!repeated.has(offset) || !found) continue;
    result[source] = [found[0] - 1, found[1], found[2] + 1, found[3]];
  }
  return result;
}

/** Offsets of rows whose sender's own id is stored already, or came earlier in this stretch. */
async function repeatedOwn(database: Database, { own }: Stretch): Promise<Set<number>> {
  if (own.length === 0) return new Set();
  const files = database.segments.filter((segment) => segment.own).map((segment) => database.path(segment));
  const known = new Set<string>();
  for (let start = 0; start < own.length; start += 5000) {
    const ids: Bound[] = own.slice(start, start + 5000).map(({ id }) => id);
    const list = ids.map(() => '?').join(', ');
    for (const from of ['hot', ...(files.length ? [fileList(files)] : [])]) {
      const rows = await rowsOf(database.writer, `SELECT ${ownColumn} FROM ${from} WHERE ${ownColumn} IN (${list})`, ids);
      for (const [id] of rows) known.add(id as string);
    }
  }
  const repeated = new Set<number>();
  for (const { id, offset } of own) {
    if (known.has(id)) repeated.add(offset);
    else known.add(id);
  }
  return repeated;
}

/** Stores signals, of each id the highest revision, and moves their mark. */
export async function putSignals(database: Database, signals: readonly SignalRow[], mark: number): Promise<void> {
  const newest = new Map<string, SignalRow>();
  for (const signal of signals) if ((newest.get(signal.id)?.revision ?? -1) < signal.revision) newest.set(signal.id, signal);
  await transaction(database.writer, async () => {
    for (const { id, revision, reached, last, rule, status, level, group, json } of newest.values()) {
      await database.writer.run(
        `INSERT INTO signals VALUES (?, ?::BIGINT, ?::BIGINT, ?::BIGINT, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET revision = excluded.revision,
         reached = excluded.reached, last = excluded.last, rule = excluded.rule, status = excluded.status, level = excluded.level, grp = excluded.grp,
         json = excluded.json WHERE excluded.revision > signals.revision`,
        [id, revision, reached, last, rule, status, level, group, json],
      );
    }
    await database.writer.run('UPDATE marks SET signals = greatest(signals, ?::BIGINT)', [mark]);
  });
  database.signalMark = Math.max(database.signalMark, mark);
}
