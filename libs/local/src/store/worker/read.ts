import type { Condition, EventQuery, Row, TableQuery } from '../messages.js';
import { type Database, fileList, quoted, rowsOf, type Segment } from './database.js';

const time = quoted('@timestamp');
const offset = quoted('gatewatch.offset');
const firstRound = 4;

/**
 * Events by filter, newest first, in two steps: places first (few columns), then the rows at those places. Segments are looked through from the
 * newest, in growing rounds, until no further one can hold a newer event than those found.
 */
export async function events(database: Database, query: EventQuery): Promise<Row[]> {
  const segments = database.segments.filter((segment) => overlaps(segment, query)).sort((a, b) => b.maxTime - a.maxTime);
  const conditions = [...bounds(query), ...query.where];
  let found = await places(database, ['hot'], { conditions, limit: query.limit });
  for (let at = 0, round = firstRound; at < segments.length; at += round, round *= 2) {
    const last = found.at(-1);
    if (found.length === query.limit && last && segments[at]!.maxTime < last[0]) break;
    const files = segments.slice(at, at + round).map((segment) => database.path(segment));
    const more = await places(database, [fileList(files)], { conditions, limit: query.limit });
    found = [...found, ...more].sort(newestFirst).slice(0, query.limit);
  }
  return rowsAt(
    database,
    found.map(([, at]) => at),
  );
}

/** The rows at these offsets, in that order. */
export async function rowsAt(database: Database, offsets: readonly number[]): Promise<Row[]> {
  if (offsets.length === 0) return [];
  const files = database.segments
    .filter(({ first, last }) => offsets.some((wanted) => first <= wanted && wanted <= last))
    .map((segment) => database.path(segment));
  const { columns } = database.settings;
  const list = columns.map(({ name, type }) => (type === 'long' ? `${quoted(name)}::DOUBLE` : quoted(name))).join(', ');
  const wanted = offsets.map(() => '?::BIGINT').join(', ');
  const rows: Row[] = [];
  for (const from of ['hot', ...(files.length ? [fileList(files)] : [])]) {
    rows.push(...(await rowsOf(database.reader, `SELECT ${list} FROM ${from} WHERE ${offset} IN (${wanted})`, offsets)));
  }
  const place = columns.findIndex(({ name }) => name === 'gatewatch.offset');
  const byOffset = new Map(rows.map((row) => [row[place] as number, row]));
  return offsets.flatMap((at) => {
    const row = byOffset.get(at);
    return row ? [row] : [];
  });
}

export async function tableRows(database: Database, table: 'signals' | 'dead_letters', query: TableQuery): Promise<Row[]> {
  const where = joined(query.where);
  return rowsOf(
    database.reader,
    `SELECT ${query.columns.join(', ')} FROM ${table} WHERE ${where.sql} ORDER BY ${query.order} LIMIT ${Math.trunc(query.limit)}`,
    where.values,
  );
}

type Place = readonly [time: number, offset: number];

async function places(
  database: Database,
  from: readonly string[],
  { conditions, limit }: { conditions: Condition[]; limit: number },
): Promise<Place[]> {
  const where = joined(conditions);
  const sql = `SELECT ${time}::DOUBLE, ${offset}::DOUBLE FROM ${from.join(', ')} WHERE ${where.sql} ORDER BY ${time} DESC, ${offset} DESC LIMIT ${Math.trunc(limit)}`;
  return (await rowsOf(database.reader, sql, where.values)) as unknown as Place[];
}

function bounds({ from, to, before }: EventQuery): Condition[] {
  const found: Condition[] = [];
  if (from !== undefined) found.push({ sql: `${time} >= ?::BIGINT`, values: [from] });
  if (to !== undefined) found.push({ sql: `${time} < ?::BIGINT`, values: [to] });
  if (before) {
    found.push({ sql: `${time} <= ?::BIGINT`, values: [before[0]] });
    found.push({ sql: `(${time} < ?::BIGINT OR ${offset} < ?::BIGINT)`, values: [before[0], before[1]] });
  }
  return found;
}

function overlaps({ minTime, maxTime }: Segment, { from, to, before }: EventQuery): boolean {
  return (from === undefined || maxTime >= from) && (to === undefined || minTime < to) && (before === undefined || minTime <= before[0]);
}

function joined(conditions: readonly Condition[]): { sql: string; values: Condition['values'] } {
  return { sql: conditions.map(({ sql }) => `(${sql})`).join(' AND ') || 'true', values: conditions.flatMap(({ values }) => values) };
}

function newestFirst(a: Place, b: Place): number {
  return b[0] - a[0] || b[1] - a[1];
}
