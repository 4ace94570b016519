import { eventId, slot, type FieldIndex, type FieldName } from '#ecs';
import type { FieldFilters } from '#query';
import { ServiceError } from '#telemetry';
import { fieldColumns, type FieldColumn } from './columns.js';
import type { Condition } from './messages.js';
import { addressKey, networkKeys } from './worker/address.js';

/** Filters as SQL conditions. Names come from our own table or are bound; values are always bound. */
export function conditions(filters: FieldFilters, index: FieldIndex): Condition[] {
  return Object.entries(filters).map(([name, values]) => {
    if (values.length === 0) throw invalid(`The filter on "${name}" has no value.`);
    return anyOf(values.map((value) => condition(name, value, index)));
  });
}

export function invalid(message: string): ServiceError {
  return new ServiceError('query_invalid', message);
}

function anyOf(alternatives: readonly Condition[]): Condition {
  return { sql: alternatives.map(({ sql }) => `(${sql})`).join(' OR '), values: alternatives.flatMap(({ values }) => values) };
}

function condition(name: string, value: string, index: FieldIndex): Condition {
  if (name === 'event.id') return byId(value);
  if (name === 'gatewatch.source' || name === 'gatewatch.source.name') return textual('"gatewatch.source"', value);
  if (name === 'gatewatch.offset') return { sql: '"gatewatch.offset" = ?::BIGINT', values: [whole(name, value)] };
  const found = Object.hasOwn(slot, name) ? fieldColumns[slot[name as FieldName]] : undefined;
  if (found) return anyOf([inColumn(found, value), inRest(name, value)]);
  if (index.find(name) === undefined && !/^[\w@-]+(\.[\w@-]+)+$/.test(name)) throw invalid(`There is no field "${name}" to filter by.`);
  return anyOf([inRest(name, value), inJson('"gatewatch.extra"', `/${name.split('.').map(pointer).join('/')}`, value)]);
}

/** The event with this id. Its own column is narrow and its position has bounds per file, so no id is kept as text. */
export function byId(id: string): Condition {
  const own: Condition = { sql: '"gatewatch.id.own" = ?', values: [id] };
  const cut = id.lastIndexOf('-');
  const tag = id.slice(0, Math.max(0, cut));
  const position = parseInt(id.slice(cut + 1), 36);
  if (cut < 0 || !Number.isSafeInteger(position) || position < 0 || eventId({ tag, position }) !== id) return own;
  const derived: Condition = {
    sql: '"gatewatch.id.position" = ?::BIGINT AND coalesce("gatewatch.id.tag", \'\') = ? AND "gatewatch.id.own" IS NULL',
    values: [position, tag],
  };
  return anyOf([derived, own]);
}

function inColumn({ field, storage }: FieldColumn, value: string): Condition {
  const column = `"${field.name}"`;
  if (field.type === 'ip') return address(field.name, value);
  switch (storage) {
    case 'keyword':
    case 'text':
      return textual(column, value);
    case 'list':
      return {
        sql: `contains(${column}, ?) AND json_contains(${column}::JSON, ?::JSON)`,
        values: [JSON.stringify(value), JSON.stringify(value)],
      };
    case 'long':
      return { sql: `${column} = ?::BIGINT`, values: [whole(field.name, value)] };
    case 'double':
      if (value.trim() === '' || !Number.isFinite(Number(value))) throw invalid(`"${field.name}" is a number; "${value}" is none.`);
      return { sql: `${column} = ?::DOUBLE`, values: [Number(value)] };
    case 'boolean':
      if (value !== 'true' && value !== 'false') throw invalid(`"${field.name}" is true or false; "${value}" is neither.`);
      return { sql: `${column} = ?`, values: [value === 'true'] };
    default:
      throw invalid(`"${field.name}" cannot be filtered by.`);
  }
}

function whole(name: string, value: string): number {
  const number = Number(value);
  if (!/^-?\d{1,16}$/.test(value) || !Number.isSafeInteger(number)) throw invalid(`"${name}" is a whole number; "${value}" is none.`);
  return number;
}

/** Exact, or the beginning where the value ends with `*` (`\*` is a star). */
function textual(column: string, value: string): Condition {
  if (value.endsWith('*') && !value.endsWith('\\*')) return { sql: `starts_with(${column}, ?)`, values: [value.slice(0, -1)] };
  return { sql: `${column} = ?`, values: [value.endsWith('\\*') ? `${value.slice(0, -2)}*` : value] };
}

function address(name: string, value: string): Condition {
  const column = `"${name}.key"`;
  if (value.endsWith('*')) return textual(`"${name}"`, value);
  const network = value.includes('/') ? networkKeys(value) : undefined;
  if (network) return { sql: `${column} BETWEEN ? AND ? AND length(${column}) = ?::BIGINT`, values: [...network, network[0].length] };
  const key = addressKey(value);
  if (key === undefined) throw invalid(`"${name}" holds addresses; "${value}" is neither an address nor a network such as 10.0.0.0/8.`);
  return { sql: `${column} = ?`, values: [key] };
}

/** Values that did not fit their column, by flat name. */
function inRest(name: string, value: string): Condition {
  return inJson('"gatewatch.rest"', `/${pointer(name)}`, value);
}

function inJson(column: string, path: string, value: string): Condition {
  return {
    sql: `${column} IS NOT NULL AND (json_extract_string(${column}, ?) = ? OR json_contains(json_extract(${column}, ?), ?::JSON))`,
    values: [path, value, path, JSON.stringify(value)],
  };
}

/** One step of a JSON pointer (RFC 6901). */
function pointer(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1');
}
