import { fields, type Field } from '#ecs';
import type { ColumnPlan, ColumnType } from './messages.js';

/** Columns before those of the event table, in order. */
export const fixedColumns = [
  { name: '@timestamp', type: 'long' },
  { name: 'event.created', type: 'long' },
  { name: 'gatewatch.offset', type: 'long' },
  { name: 'gatewatch.arrival', type: 'long' },
  { name: 'gatewatch.source', type: 'text' },
  { name: 'gatewatch.id.tag', type: 'text' },
  { name: 'gatewatch.id.position', type: 'long' },
  { name: 'gatewatch.id.own', type: 'text' },
  /** JSON: values that do not fit their column (another type, text that is no Unicode) and fields beyond the table, by name. */
  { name: 'gatewatch.rest', type: 'text' },
  /** JSON: `Event.extra`. */
  { name: 'gatewatch.extra', type: 'text' },
] as const satisfies readonly ColumnPlan[];

/** How a field of the event table is kept. */
export type FieldStorage = 'keyword' | 'text' | 'list' | 'long' | 'double' | 'boolean' | 'point' | 'none';

/** Many events have a value of their own, as a string of their own: to look it up (0.5 µs) costs more than to write it again (0.1 µs). */
const mostlyDistinct = new Set([
  'source.address',
  'gatewatch.principal',
  'url.path',
  'http.request.referrer',
  'event.original',
  'message',
  'url.original',
  'url.query',
  'gatewatch.url.decoded',
  'http.request.id',
  'trace.id',
  'error.message',
]);

export interface FieldColumn {
  readonly field: Field;
  readonly storage: FieldStorage;
  /** Index of the field's first column in {@link eventColumns}; -1 where it has none. */
  readonly at: number;
}

const types: Record<FieldStorage, ColumnType> = {
  keyword: 'text',
  text: 'text',
  list: 'text',
  long: 'long',
  double: 'double',
  boolean: 'boolean',
  point: 'double',
  none: 'text',
};

function storageOf({ name, type, array }: Field): FieldStorage {
  if (array) return 'list';
  if (type === 'long' || type === 'double' || type === 'boolean') return type;
  if (type === 'geo_point') return 'point';
  if (type === 'flattened') return 'none';
  return mostlyDistinct.has(name) ? 'text' : 'keyword';
}

function plan(): { columns: ColumnPlan[]; bySlot: FieldColumn[] } {
  const columns: ColumnPlan[] = [...fixedColumns];
  const bySlot = fields.map((field): FieldColumn => {
    const storage = storageOf(field);
    if (storage === 'none') return { field, storage, at: -1 };
    const at = columns.length;
    if (storage === 'point') columns.push({ name: `${field.name}.lat`, type: 'double' }, { name: `${field.name}.lon`, type: 'double' });
    else columns.push({ name: field.name, type: types[storage] });
    return { field, storage, at };
  });
  for (const { field, storage, at } of bySlot) {
    if (field.type === 'ip' && storage === 'keyword') columns.push({ name: `${field.name}.key`, type: 'text', keyOf: at });
  }
  return { columns, bySlot };
}

const planned = plan();

/** The columns of a stored event, in order. */
export const eventColumns: readonly ColumnPlan[] = planned.columns;

/** Where each slot of an event is kept. */
export const fieldColumns: readonly FieldColumn[] = planned.bySlot;

/** The columns of a dead letter, in order. */
export const deadLetterColumns = [
  { name: 'gatewatch.offset', type: 'long' },
  { name: 'gatewatch.arrival', type: 'long' },
  { name: 'gatewatch.source', type: 'text' },
  { name: 'event.id', type: 'text' },
  { name: 'error.code', type: 'text' },
  { name: 'error.message', type: 'text' },
  { name: 'raw', type: 'bytes' },
] as const satisfies readonly ColumnPlan[];
