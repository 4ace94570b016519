import type { FieldValue } from '#ecs';

/** A block of lines that a worker has read and matched: columns, because objects cost more to hand over than to make. */
export interface ReadBlock {
  /** The lines, given back. */
  readonly payload: Uint8Array;
  /** The `#Fields:` line that held before the block. */
  readonly header?: string;
  readonly records: number;
  readonly blank: number;
  readonly deadLetters: Readonly<Record<string, number>>;
  readonly datasets: Readonly<Record<string, number>>;
  /** By event: event time, stamp, number of its record in the block, first byte of its line, its place in `sets`. */
  readonly times: Float64Array;
  readonly stamps: Float64Array;
  readonly places: Uint32Array;
  readonly starts: Uint32Array;
  readonly matched: Uint32Array;
  /** Which detections matched together, by position. */
  readonly sets: readonly (readonly number[])[];
  /** By event, where any has one: the hash of the sender's own id. */
  readonly own?: readonly (string | undefined)[];
  /** Values that windows read, event by event: texts one after the other with their lengths; a length of −1 says that there is none, −2 that it is the next of `others`. */
  readonly text: string;
  readonly lengths: Int32Array;
  readonly others: readonly FieldValue[];
}

/** By detection: names of the fields that windows read of an event that it matches. */
export type ThinFields = readonly (readonly string[])[];

/** Fields that windows read of an event that exactly these detections match. Both sides of a block ask this, so the order is theirs. */
export function thinFieldsOf(set: readonly number[], thin: ThinFields): readonly string[] {
  return [...new Set(set.flatMap((detection) => thin[detection] ?? []))];
}

/** Gathers the values that windows read. */
export class ValueColumn {
  readonly #texts: string[] = [];
  readonly #lengths: number[] = [];
  readonly #others: FieldValue[] = [];

  add(value: FieldValue): void {
    if (typeof value === 'string') {
      this.#texts.push(value);
      this.#lengths.push(value.length);
    } else if (value === undefined || value === null) this.#lengths.push(-1);
    else {
      this.#others.push(value);
      this.#lengths.push(-2);
    }
  }

  finish(): Pick<ReadBlock, 'text' | 'lengths' | 'others'> {
    return { text: this.#texts.join(''), lengths: Int32Array.from(this.#lengths), others: this.#others };
  }
}

/** Takes the values out again, in the order in which they were added. */
export class ValueReader {
  #at = 0;
  #char = 0;
  #other = 0;

  constructor(private readonly column: Pick<ReadBlock, 'text' | 'lengths' | 'others'>) {}

  /** The next values, so many. */
  some(count: number): FieldValue[] {
    const values = new Array<FieldValue>(count);
    for (let i = 0; i < count; i++) values[i] = this.#next();
    return values;
  }

  #next(): FieldValue {
    const length = this.column.lengths[this.#at++]!;
    if (length >= 0) return this.column.text.slice(this.#char, (this.#char += length));
    return length === -1 ? undefined : this.column.others[this.#other++];
  }
}
