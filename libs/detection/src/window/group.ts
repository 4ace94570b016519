import { fields, type FieldValue } from '#ecs';
import type { Host, Observation, SlotIndex } from '../detection.js';
import { maskAddress } from './address.js';
import type { KeyTable } from './key-table.js';

/** Between the values of several fields. */
export const separator = '\u001f';
const escape = '\u001b';
const addressFields = new Set(fields.flatMap(({ name, type }) => (type === 'ip' ? [name] : [])));

/** How a group key is read. */
export interface GroupReading {
  readonly table: KeyTable;
  /** Event fields in the order of the group-by. */
  readonly fields: readonly string[];
  readonly index: SlotIndex;
  readonly ipv6Prefix: number;
  /** A missing field counts as an empty text instead of making the event count for nothing. */
  readonly lenient: boolean;
  /** Absent where values are all there are (the signal of another rule). */
  readonly host?: Host;
  /** Readers whose key nobody holds yet are put here: after the event they must `settle`. */
  readonly fresh?: GroupReader[];
}

/** Reads group keys of one list of fields: once per event, however many rules group by it. */
export class GroupReader {
  readonly table: KeyTable;
  readonly #reading: GroupReading;
  /** Where the fields stand in the values. */
  readonly slots: readonly number[];
  readonly #masked: readonly boolean[];
  #offset = -1;
  #id = -1;

  constructor(reading: GroupReading) {
    this.table = reading.table;
    this.#reading = reading;
    this.slots = reading.fields.map((field) => reading.index.slot(field));
    this.#masked = reading.fields.map((field) => addressFields.has(field) && reading.ipv6Prefix < 128);
  }

  /** The key's number in `table`, −1 if a field is missing. A number that nobody holds must be given back with `settle`. */
  read(observation: Observation): number {
    if (observation.offset === this.#offset) return this.#id;
    const text = this.text(observation);
    this.#offset = observation.offset;
    this.#id = text === undefined ? -1 : this.table.id(text);
    if (this.#id >= 0 && this.table.uses(this.#id) === 0) this.#reading.fresh?.push(this);
    return this.#id;
  }

  /** After an event: a key that no rule kept is forgotten, and the memory of the event ends. */
  settle(): void {
    if (this.#id >= 0 && this.table.uses(this.#id) === 0) this.table.release(this.#id);
    this.#offset = -1;
    this.#id = -1;
  }

  /** The key as text, undefined if a field is missing. */
  text(observation: Observation): string | undefined {
    const { host, lenient, ipv6Prefix } = this.#reading;
    let key = '';
    for (let i = 0; i < this.slots.length; i++) {
      const slot = this.slots[i]!;
      let value: FieldValue = observation.values[slot];
      if (value === undefined && host) value = host.resolve(observation, slot);
      let text = textOf(value);
      if (text === '' && !lenient) return undefined;
      if (this.#masked[i] && text.includes(':')) text = maskAddress(text, ipv6Prefix);
      if (this.slots.length > 1) text = escaped(text);
      key = i === 0 ? text : key + separator + text;
    }
    return key;
  }
}

/** Group-by names and their values; a name whose value was missing is left out. */
export function groupOf(names: readonly string[], key: string): Record<string, string> {
  if (names.length === 0) return {};
  const values = names.length === 1 ? [key] : key.split(separator).map(unescaped);
  return Object.fromEntries(names.flatMap((name, i) => (values[i] ? [[name, values[i]]] : [])));
}

/** A value as text: lists are joined, missing is empty. */
export function textOf(value: FieldValue): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  if (typeof value !== 'object') return String(value);
  return 'lat' in value ? `${value.lat},${value.lon}` : value.join(',');
}

/** A value from a log line may hold the separator: two keys must never look alike. */
export function escaped(text: string): string {
  if (!text.includes(separator) && !text.includes(escape)) return text;
  return text.replaceAll(escape, `${escape}e`).replaceAll(separator, `${escape}s`);
}

function unescaped(text: string): string {
  return text.includes(escape) ? text.replaceAll(`${escape}s`, separator).replaceAll(`${escape}e`, escape) : text;
}
