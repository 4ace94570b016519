import { Event, toDocument, type DeadLetter, type DeadLetterReason, type FieldIndex, type FieldValue, type JsonObject } from '#ecs';
import { fieldColumns, fixedColumns } from './columns.js';
import type { Row } from './messages.js';

type FixedName = (typeof fixedColumns)[number]['name'];
const place = Object.fromEntries(fixedColumns.map(({ name }, at) => [name, at])) as Record<FixedName, number>;

/** The event as it was when it was stored. `index` gives slots to fields beyond the table. */
export function eventOf(row: Row, index: FieldIndex): Event {
  const own = row[place['gatewatch.id.own']] as string | null;
  const event = new Event(
    row[place['gatewatch.offset']] as number,
    row[place['gatewatch.arrival']] as number,
    (row[place['gatewatch.source']] ?? '') as string,
    {
      tag: (row[place['gatewatch.id.tag']] ?? '') as string,
      position: row[place['gatewatch.id.position']] as number,
      ...(own !== null && { own }),
    },
  );
  event.time = row[place['@timestamp']] as number;
  event.stamp = row[place['event.created']] as number;
  fieldColumns.forEach((_, slot) => {
    const value = fieldValue(row, slot);
    if (value !== undefined) event.values[slot] = value;
  });
  const rest = row[place['gatewatch.rest']];
  if (rest)
    for (const [name, value] of Object.entries(JSON.parse(rest as string) as JsonObject))
      event.values[index.slot(name)] = value as FieldValue;
  const extra = row[place['gatewatch.extra']];
  if (extra) event.extra = JSON.parse(extra as string) as JsonObject;
  return event;
}

function fieldValue(row: Row, slot: number): FieldValue {
  const { at, storage } = fieldColumns[slot]!;
  if (at < 0) return undefined;
  const value = row[at];
  if (value === null || value === undefined) return undefined;
  if (storage === 'list') return JSON.parse(value as string) as readonly string[];
  if (storage === 'point') return { lat: value as number, lon: row[at + 1] as number };
  return value as FieldValue;
}

export function documentOf(row: Row, index: FieldIndex): JsonObject {
  return toDocument(eventOf(row, index), index);
}

/** Time and offset of a row: where a page ends. */
export function placeOf(row: Row): [time: number, offset: number] {
  return [row[place['@timestamp']] as number, row[place['gatewatch.offset']] as number];
}

/** In the order of `deadLetterColumns`. */
export function deadLetterOf(row: Row): DeadLetter {
  const [offset, arrival, source, id, reason, message, raw] = row as [
    number,
    number,
    string | null,
    string | null,
    DeadLetterReason,
    string | null,
    Uint8Array,
  ];
  return { offset, arrival, source: source ?? '', id: id ?? '', reason, message: message ?? '', raw };
}
