import type { Bound, SweepPage, SweepQuery } from '../messages.js';
import { type Database, fileList, quoted, rowsOf } from './database.js';

/** Offsets of one run: so many rows at most cross to the other thread at once. */
const run = 20_000;
const time = quoted('@timestamp');
const offset = quoted('gatewatch.offset');

/** The events of the next run of offsets, in the order of the log. Runs in which nothing can be are passed over. */
export async function sweep(database: Database, query: SweepQuery): Promise<SweepPage> {
  const { from, to } = query;
  const segments = database.segments.filter(
    ({ last, minTime, maxTime }) => last >= query.offset && (from === undefined || maxTime >= from) && (to === undefined || minTime < to),
  );
  const [hot] = await rowsOf(
    database.reader,
    `SELECT min(${offset})::DOUBLE, max(${offset})::DOUBLE FROM hot WHERE ${offset} >= ?::BIGINT`,
    [query.offset],
  );
  const [hotFirst, hotLast] = (hot ?? [null, null]) as [number | null, number | null];
  const firsts = [...segments.map(({ first }) => first), ...(hotFirst === null ? [] : [hotFirst])];
  if (firsts.length === 0) return { rows: [] };
  const begin = Math.max(query.offset, Math.min(...firsts));
  const end = begin + run;
  const files = segments.filter(({ first }) => first < end).map((segment) => database.path(segment));
  const { columns } = database.settings;
  const list = query.columns
    .map((at) => columns[at]!)
    .map(({ name, type }) => (type === 'long' ? `${quoted(name)}::DOUBLE` : quoted(name)))
    .join(', ');
  const where = [`${offset} >= ?::BIGINT`, `${offset} < ?::BIGINT`];
  const values: Bound[] = [begin, end];
  const bounds: readonly [string, number | undefined][] = [
    ['>=', from],
    ['<', to],
  ];
  for (const [relation, bound] of bounds) {
    if (bound === undefined) continue;
    where.push(`${time} ${relation} ?::BIGINT`);
    values.push(bound);
  }
  const tables = ['hot', ...(files.length ? [fileList(files)] : [])];
  const parts = tables.map((table) => `SELECT ${list}, ${offset} AS place FROM ${table} WHERE ${where.join(' AND ')}`);
  const bound = tables.flatMap(() => values);
  const rows = await rowsOf(database.reader, `${parts.join(' UNION ALL ')} ORDER BY place`, bound);
  const last = Math.max(...segments.map((segment) => segment.last), hotLast ?? -1);
  return end > last ? { rows } : { rows, next: end };
}
