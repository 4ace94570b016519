import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { insertSegment } from './append.js';
import { type Database, fileList, literal, quoted, rowsOf, type Segment, transaction } from './database.js';
import type { Gate } from './gate.js';
import { publish, sync } from './row-file.js';

const day = 86_400_000;
/** A day is closed an hour after its end: nearly everything late has come by then. */
const closingTime = 3_600_000;
const foldHotRows = 20_000;
const foldOpenRows = 250_000;
const largestFile = 500_000;
const time = quoted('@timestamp');
const offset = quoted('gatewatch.offset');

/** Folds the hot table into a segment when it has grown or its day is over, and small segments into compressed files, one or few a day. */
export async function maintain(database: Database, gate: Gate, now: number): Promise<void> {
  await foldHot(database, gate, now);
  for (const group of foldable(database.segments, now)) await fold(database, gate, group);
}

/** Drops events older than `before`, file by file, and dead letters and closed signals of that age. */
export async function retain(database: Database, gate: Gate, before: number): Promise<void> {
  const old = database.segments.filter(({ maxTime }) => maxTime < before);
  await gate.alone(async () => {
    await transaction(database.keeper, async () => {
      await database.keeper.run('DELETE FROM segments WHERE max_time < ?::BIGINT', [before]);
      await database.keeper.run(`DELETE FROM hot WHERE ${time} < ?::BIGINT`, [before]);
      await database.keeper.run(`DELETE FROM dead_letters WHERE ${quoted('gatewatch.arrival')} < ?::BIGINT`, [before]);
      await database.keeper.run("DELETE FROM signals WHERE last < ?::BIGINT AND status <> 'open'", [before]);
    });
    replace(database, old, undefined);
  });
}

async function foldHot(database: Database, gate: Gate, now: number): Promise<void> {
  const below = database.mark;
  const [row] = await rowsOf(
    database.keeper,
    `SELECT count(*)::DOUBLE, min(${offset})::DOUBLE, max(${offset})::DOUBLE, min(${time})::DOUBLE, max(${time})::DOUBLE, count("gatewatch.id.own")::DOUBLE
     FROM hot WHERE ${offset} < ?::BIGINT`,
    [below],
  );
  const [rows, first, last, minTime, maxTime, own] = row as [number, number, number, number, number, number];
  if (rows === 0 || (rows < foldHotRows && !closed(maxTime, now))) return;
  const segment: Segment = { file: `h${first}-${last}.parquet`, first, last, minTime, maxTime, rows, level: 0, own: own > 0 };
  await copy(database, `SELECT * FROM hot WHERE ${offset} < ${Math.trunc(below)} ORDER BY ${offset}`, segment);
  await gate.alone(async () => {
    await transaction(database.keeper, async () => {
      await insertSegment(database, segment, database.keeper);
      await database.keeper.run(`DELETE FROM hot WHERE ${offset} < ?::BIGINT`, [below]);
    });
    replace(database, [], segment);
  });
}

function closed(at: number, now: number): boolean {
  return Math.floor(at / day) * day + day + closingTime <= now;
}

/** Groups of appended segments worth a file of their own: those of a closed day, or many rows of an open one. */
function foldable(segments: readonly Segment[], now: number): Segment[][] {
  const days = new Map<number, Segment[]>();
  for (const segment of segments) {
    if (segment.level > 0) continue;
    const key = Math.floor(segment.maxTime / day);
    days.set(key, [...(days.get(key) ?? []), segment]);
  }
  return [...days.values()].flatMap((group) => cut(group.sort((a, b) => a.first - b.first))).filter((group) => worth(group, now));
}

function cut(group: readonly Segment[]): Segment[][] {
  const cuts: Segment[][] = [];
  let rows = Infinity;
  for (const segment of group) {
    if (rows + segment.rows > largestFile) {
      cuts.push([]);
      rows = 0;
    }
    cuts.at(-1)!.push(segment);
    rows += segment.rows;
  }
  return cuts;
}

function worth(group: readonly Segment[], now: number): boolean {
  const rows = group.reduce((sum, segment) => sum + segment.rows, 0);
  return rows >= foldOpenRows || group.every(({ maxTime }) => closed(maxTime, now));
}

async function fold(database: Database, gate: Gate, group: readonly Segment[]): Promise<void> {
  const first = group[0]!.first;
  const last = Math.max(...group.map((segment) => segment.last));
  const segment: Segment = {
    file: `c${first}-${last}.parquet`,
    first,
    last,
    minTime: Math.min(...group.map(({ minTime }) => minTime)),
    maxTime: Math.max(...group.map(({ maxTime }) => maxTime)),
    rows: group.reduce((sum, { rows }) => sum + rows, 0),
    level: 1,
    own: group.some(({ own }) => own),
  };
  await copy(database, `SELECT * FROM ${fileList(group.map((part) => database.path(part)))}`, segment);
  await gate.alone(async () => {
    await transaction(database.keeper, async () => {
      for (const { file } of group) await database.keeper.run('DELETE FROM segments WHERE file = ?', [file]);
      await insertSegment(database, segment, database.keeper);
    });
    replace(database, group, segment);
  });
}

async function copy(database: Database, select: string, segment: Segment): Promise<void> {
  const unfinished = join(database.segmentDir, `${segment.file}.unfinished`);
  try {
    await database.keeper.run(`COPY (${select}) TO ${literal(unfinished)} (FORMAT parquet, COMPRESSION zstd)`);
    sync(unfinished);
    publish(unfinished, database.path(segment));
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

/** After the commit: nobody reads now, so the files can go. A crash in between leaves orphans for the next start. */
function replace(database: Database, old: readonly Segment[], made: Segment | undefined): void {
  const gone = new Set(old);
  database.segments = [...database.segments.filter((segment) => !gone.has(segment)), ...(made ? [made] : [])];
  for (const segment of old) rmSync(database.path(segment), { force: true });
}
