/// <reference lib="es2024.string" />
import type { DeadLetter, Event } from '#ecs';
import { fields } from '#ecs';
import type { Ingested } from '#ingest';
import { deadLetterColumns, eventColumns, fieldColumns, fixedColumns } from './columns.js';
import { absent, codesFor, encoderFor, joined, Spill, textColumn } from './encoders.js';
import type { Counts, EncodedColumn, EncodedRows, Stretch } from './messages.js';

/**
 * The part of an `Ingested` from `from` on, by column and in few transferable buffers. By column, because then each loop has one type and one
 * dictionary, and what is repeated is written once.
 */
export function encodeStretch(batch: Ingested, from: number, names: readonly string[]): Stretch {
  const events = from <= batch.from ? batch.events : batch.events.filter(({ offset }) => offset >= from);
  const deadLetters = from <= batch.from ? batch.deadLetters : batch.deadLetters.filter(({ offset }) => offset >= from);
  const own: { id: string; offset: number; source: string }[] = [];
  let minTime = Infinity;
  let maxTime = -Infinity;
  for (const { time, identity, offset, source } of events) {
    if (time < minTime) minTime = time;
    if (time > maxTime) maxTime = time;
    if (identity.own !== undefined) own.push({ id: identity.own, offset, source });
  }
  return {
    from,
    to: batch.to,
    events: encodeEvents(events, names),
    deadLetters: encodeDeadLetters(deadLetters),
    counts: countBySource({ events, deadLetters, batch, from }),
    own,
    minTime,
    maxTime,
  };
}

/** The buffers of a stretch that can change hands without being copied. */
export function transferable({ events, deadLetters }: Stretch): ArrayBuffer[] {
  const found: ArrayBuffer[] = [];
  for (const column of [...events.columns, ...deadLetters.columns]) {
    if (!column) continue;
    if ('lengths' in column) found.push(column.lengths.buffer as ArrayBuffer);
    if ('codes' in column) found.push(column.codes.buffer as ArrayBuffer);
    if ('values' in column) found.push(column.values.buffer as ArrayBuffer);
    if ('bytes' in column) found.push(column.bytes.buffer as ArrayBuffer);
  }
  return found;
}

interface Counted {
  readonly events: readonly Event[];
  readonly deadLetters: readonly DeadLetter[];
  readonly batch: Ingested;
  readonly from: number;
}

function countBySource({ events, deadLetters, batch, from }: Counted): Record<string, Counts> {
  const counts = new Map<string, [number, number, number, number]>();
  const add = (source: string, outcome: 0 | 1 | 2 | 3, amount = 1): void => {
    let found = counts.get(source);
    if (!found) counts.set(source, (found = [0, 0, 0, 0]));
    found[outcome] += amount;
  };
  for (const { source } of events) add(source, 0);
  for (const { source } of deadLetters) add(source, 1);
  for (const { source, offset } of batch.duplicates) if (offset >= from) add(source, 2);
  // A stretch that was stored in part does not say where its empty lines were: they were counted with the part before the mark.
  if (from <= batch.from) for (const [source, amount] of Object.entries(batch.blank)) add(source, 3, amount);
  return Object.fromEntries(counts);
}

/** Events that stay in the processor's cache while one column after the other is taken from them. */
const block = 128;

function encodeEvents(events: readonly Event[], names: readonly string[]): EncodedRows {
  const rows = events.length;
  const spill = new Spill();
  const encoders = fieldColumns.map(({ field, storage }, slot) => encoderFor(storage, { slot, name: field.name, rows, spill }));
  for (let from = 0; from < rows; from += block) {
    const to = Math.min(rows, from + block);
    for (const encoder of encoders) encoder.add(events, from, to);
  }
  const columns = new Array<EncodedColumn | undefined>(eventColumns.length).fill(undefined);
  encoders.forEach((encoder, slot) => {
    const { at } = fieldColumns[slot]!;
    encoder.finish().forEach((column, step) => (columns[at + step] = column));
  });
  if (names.length > fields.length) spillBeyondTable(events, names, spill);
  const fixed: Record<(typeof fixedColumns)[number]['name'], EncodedColumn | undefined> = {
    '@timestamp': numbers(events, ({ time }) => time),
    'event.created': numbers(events, ({ stamp }) => stamp),
    'gatewatch.offset': numbers(events, ({ offset }) => offset),
    'gatewatch.arrival': numbers(events, ({ arrival }) => arrival),
    'gatewatch.source': dictionary(events.map(({ source }) => source)),
    'gatewatch.id.tag': dictionary(events.map(({ identity }) => identity.tag)),
    'gatewatch.id.position': numbers(events, ({ identity }) => identity.position),
    'gatewatch.id.own': textColumn(events.map(({ identity }) => identity.own ?? '')),
    'gatewatch.rest': spill.column(events.length),
    'gatewatch.extra': textColumn(events.map(({ extra }) => (extra === undefined ? '' : JSON.stringify(extra)))),
  };
  fixedColumns.forEach(({ name }, at) => (columns[at] = fixed[name]));
  return { rows: events.length, columns };
}

function spillBeyondTable(events: readonly Event[], names: readonly string[], spill: Spill): void {
  events.forEach(({ values }, row) => {
    for (let slot = fields.length; slot < values.length; slot++) {
      const name = names[slot];
      if (name !== undefined && !absent(values[slot])) spill.put(row, name, values[slot]);
    }
  });
}

function numbers(events: readonly Event[], pick: (event: Event) => number): EncodedColumn {
  const values = new Float64Array(events.length);
  for (let row = 0; row < events.length; row++) values[row] = pick(events[row]!);
  return { kind: 'long', values };
}

function dictionary(values: readonly string[]): EncodedColumn | undefined {
  const codes = codesFor(values.length);
  const known = new Map<string, number>();
  const words: string[] = [];
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (value === '') continue;
    let code = known.get(value);
    if (code === undefined) known.set(value, (code = words.push(value.toWellFormed())));
    codes[row] = code;
  }
  return words.length ? { kind: 'dictionary', codes, ...joined(words) } : undefined;
}

function encodeDeadLetters(letters: readonly DeadLetter[]): EncodedRows {
  const lengths = Uint32Array.from(letters, ({ raw }) => raw.length);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const { raw } of letters) {
    bytes.set(raw, at);
    at += raw.length;
  }
  const columns: Record<(typeof deadLetterColumns)[number]['name'], EncodedColumn | undefined> = {
    'gatewatch.offset': { kind: 'long', values: Float64Array.from(letters, ({ offset }) => offset) },
    'gatewatch.arrival': { kind: 'long', values: Float64Array.from(letters, ({ arrival }) => arrival) },
    'gatewatch.source': dictionary(letters.map(({ source }) => source)),
    'event.id': textColumn(letters.map(({ id }) => id.toWellFormed())),
    'error.code': dictionary(letters.map(({ reason }) => reason)),
    'error.message': textColumn(letters.map(({ message }) => message.toWellFormed())),
    raw: { kind: 'bytes', bytes, lengths },
  };
  return { rows: letters.length, columns: deadLetterColumns.map(({ name }) => columns[name]) };
}
