/// <reference lib="es2024.string" />
import type { Event, FieldValue, JsonObject, JsonValue } from '#ecs';
import type { FieldStorage } from './columns.js';
import type { EncodedColumn } from './messages.js';

/** Gathers one slot of many events as a column (two for a point). Rows come in order, in blocks. */
export interface SlotEncoder {
  add(events: readonly Event[], from: number, to: number): void;
  finish(): readonly (EncodedColumn | undefined)[];
}

/** Where an encoder puts a value that its column cannot hold. */
export class Spill {
  readonly #rows = new Map<number, JsonObject>();

  put(row: number, name: string, value: FieldValue): void {
    let found = this.#rows.get(row);
    if (!found) this.#rows.set(row, (found = {}));
    found[name] = value as JsonValue;
  }

  column(rows: number): EncodedColumn | undefined {
    if (this.#rows.size === 0) return undefined;
    const texts = new Array<string>(rows).fill('');
    for (const [row, values] of this.#rows) texts[row] = JSON.stringify(values);
    return textColumn(texts);
  }
}

export interface Slot {
  readonly slot: number;
  readonly name: string;
  readonly rows: number;
  readonly spill: Spill;
}

export function encoderFor(storage: FieldStorage, place: Slot): SlotEncoder {
  switch (storage) {
    case 'keyword':
      return new KeywordEncoder(place);
    case 'list':
      return new ListEncoder(place);
    case 'text':
      return new TextEncoder(place);
    case 'long':
    case 'double':
      return new NumberEncoder(place, storage);
    case 'boolean':
      return new BooleanEncoder(place);
    case 'point':
      return new PointEncoder(place);
    case 'none':
      return new NoColumn(place);
  }
}

/** `toDocument` leaves these out, so they need no place. */
export function absent(value: FieldValue): value is undefined | null | '' {
  return value === undefined || value === null || value === '';
}

export function codesFor(rows: number): Uint16Array | Uint32Array {
  return rows < 0xffff ? new Uint16Array(rows) : new Uint32Array(rows);
}

export function textColumn(values: readonly string[]): (EncodedColumn & { kind: 'text' }) | undefined {
  const { text, lengths } = joined(values);
  return text.length ? { kind: 'text', text, lengths } : undefined;
}

export function joined(values: readonly string[]): { text: string; lengths: Uint32Array } {
  const lengths = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) lengths[i] = values[i]!.length;
  return { text: values.join(''), lengths };
}

class KeywordEncoder implements SlotEncoder {
  readonly #known = new Map<string, number>();
  readonly #words: string[] = [];
  readonly #codes: Uint16Array | Uint32Array;
  #last: FieldValue;
  #lastCode = 0;

  constructor(private readonly place: Slot) {
    this.#codes = codesFor(place.rows);
  }

  add(events: readonly Event[], from: number, to: number): void {
    const { slot } = this.place;
    const codes = this.#codes;
    const known = this.#known;
    let last = this.#last;
    let lastCode = this.#lastCode;
    for (let row = from; row < to; row++) {
      const value = events[row]!.values[slot];
      if (value === undefined) continue;
      if (value !== last) {
        const code = typeof value === 'string' ? (known.get(value) ?? this.#learn(row, value)) : this.#other(row, value);
        if (code === 0) continue;
        last = value;
        lastCode = code;
      }
      codes[row] = lastCode;
    }
    this.#last = last;
    this.#lastCode = lastCode;
  }

  finish(): readonly (EncodedColumn | undefined)[] {
    return [this.#words.length ? { kind: 'dictionary', codes: this.#codes, ...joined(this.#words) } : undefined];
  }

  #learn(row: number, value: string): number {
    if (value === '') return 0;
    if (!value.isWellFormed()) return this.#other(row, value);
    const code = this.#words.push(value);
    this.#known.set(value, code);
    return code;
  }

  #other(row: number, value: FieldValue): 0 {
    if (!absent(value)) this.place.spill.put(row, this.place.name, value);
    return 0;
  }
}

/** A field that is always a list is kept as JSON text of that list, once per distinct list. */
class ListEncoder implements SlotEncoder {
  readonly #known = new Map<string, number>();
  readonly #words: string[] = [];
  readonly #codes: Uint16Array | Uint32Array;
  #last: FieldValue;
  #lastCode = 0;

  constructor(private readonly place: Slot) {
    this.#codes = codesFor(place.rows);
  }

  add(events: readonly Event[], from: number, to: number): void {
    for (let row = from; row < to; row++) {
      const value = events[row]!.values[this.place.slot];
      if (absent(value)) continue;
      if (value !== this.#last) {
        if (typeof value !== 'string' && !Array.isArray(value)) {
          this.place.spill.put(row, this.place.name, value);
          continue;
        }
        this.#lastCode = this.#codeOf(JSON.stringify(typeof value === 'string' ? [value] : value));
        this.#last = value;
      }
      this.#codes[row] = this.#lastCode;
    }
  }

  finish(): readonly (EncodedColumn | undefined)[] {
    return [this.#words.length ? { kind: 'dictionary', codes: this.#codes, ...joined(this.#words) } : undefined];
  }

  #codeOf(text: string): number {
    let code = this.#known.get(text);
    if (code === undefined) this.#known.set(text, (code = this.#words.push(text)));
    return code;
  }
}

const surrogate = /[\ud800-\udfff]/;

class TextEncoder implements SlotEncoder {
  #values: string[] | undefined;

  constructor(private readonly place: Slot) {}

  add(events: readonly Event[], from: number, to: number): void {
    const { slot, spill, name } = this.place;
    for (let row = from; row < to; row++) {
      const value = events[row]!.values[slot];
      if (value === undefined) continue;
      if (typeof value === 'string') (this.#values ??= new Array<string>(this.place.rows).fill(''))[row] = value;
      else if (value !== null) spill.put(row, name, value);
    }
  }

  finish(): readonly (EncodedColumn | undefined)[] {
    const values = this.#values;
    if (!values) return [undefined];
    const column = textColumn(values);
    // A surrogate pair must not be made of the ends of two values, nor half a pair be lost.
    if (column === undefined || !surrogate.test(column.text)) return [column];
    values.forEach((value, row) => {
      if (value.isWellFormed()) return;
      this.place.spill.put(row, this.place.name, value);
      values[row] = '';
    });
    return [textColumn(values)];
  }
}

class NumberEncoder implements SlotEncoder {
  #values: Float64Array | undefined;

  constructor(
    private readonly place: Slot,
    private readonly kind: 'long' | 'double',
  ) {}

  add(events: readonly Event[], from: number, to: number): void {
    const { slot, spill, name, rows } = this.place;
    const whole = this.kind === 'long';
    for (let row = from; row < to; row++) {
      const value = events[row]!.values[slot];
      if (value === undefined) continue;
      if (typeof value === 'number' && (whole ? Number.isSafeInteger(value) : Number.isFinite(value))) {
        (this.#values ??= new Float64Array(rows).fill(NaN))[row] = value;
      } else if (!absent(value)) spill.put(row, name, value);
    }
  }

  finish(): readonly (EncodedColumn | undefined)[] {
    return [this.#values && { kind: this.kind, values: this.#values }];
  }
}

class BooleanEncoder implements SlotEncoder {
  #values: Uint8Array | undefined;

  constructor(private readonly place: Slot) {}

  add(events: readonly Event[], from: number, to: number): void {
    for (let row = from; row < to; row++) {
      const value = events[row]!.values[this.place.slot];
      if (typeof value === 'boolean') (this.#values ??= new Uint8Array(this.place.rows))[row] = value ? 2 : 1;
      else if (!absent(value)) this.place.spill.put(row, this.place.name, value);
    }
  }

  finish(): readonly (EncodedColumn | undefined)[] {
    return [this.#values && { kind: 'boolean', values: this.#values }];
  }
}

class PointEncoder implements SlotEncoder {
  #lat: Float64Array | undefined;
  #lon: Float64Array | undefined;

  constructor(private readonly place: Slot) {}

  add(events: readonly Event[], from: number, to: number): void {
    for (let row = from; row < to; row++) {
      const value = events[row]!.values[this.place.slot];
      if (absent(value)) continue;
      if (typeof value === 'object' && 'lat' in value && isPlain(value)) {
        (this.#lat ??= new Float64Array(this.place.rows).fill(NaN))[row] = value.lat;
        (this.#lon ??= new Float64Array(this.place.rows).fill(NaN))[row] = value.lon;
      } else this.place.spill.put(row, this.place.name, value);
    }
  }

  finish(): readonly (EncodedColumn | undefined)[] {
    const lat = this.#lat;
    const lon = this.#lon;
    return lat && lon
      ? [
          { kind: 'double', values: lat },
          { kind: 'double', values: lon },
        ]
      : [undefined, undefined];
  }
}

function isPlain(point: { readonly lat: number; readonly lon: number }): boolean {
  return Number.isFinite(point.lat) && Number.isFinite(point.lon);
}

class NoColumn implements SlotEncoder {
  constructor(private readonly place: Slot) {}

  add(events: readonly Event[], from: number, to: number): void {
    for (let row = from; row < to; row++) {
      const value = events[row]!.values[this.place.slot];
      if (!absent(value)) this.place.spill.put(row, this.place.name, value);
    }
  }

  finish(): readonly (EncodedColumn | undefined)[] {
    return [];
  }
}
