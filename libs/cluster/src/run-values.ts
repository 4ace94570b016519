import type { ByteReader, ByteWriter } from '#detection';
import type { FieldValue } from '#ecs';

/** What follows a field's number. Everything from `known` on is a text that stood in the run before, by its place. */
const kinds = { text: 0, whole: 1, true: 2, false: 3, null: 4, json: 5, known: 6 } as const;

/** Values of the events of one run. A text that comes again, as the agents, paths and users of live traffic do, is written once. */
export class ValueWriter {
  readonly #places = new Map<string, number>();

  constructor(private readonly into: ByteWriter) {}

  /** Nothing for a value that is absent. */
  field(number: number, value: FieldValue): void {
    if (value === undefined) return;
    const { into } = this;
    into.whole(number);
    if (typeof value === 'string') this.#text(value);
    else if (value === true || value === false || value === null) into.byte(value === null ? kinds.null : value ? kinds.true : kinds.false);
    else if (Number.isSafeInteger(value) && (value as number) > 0) {
      into.byte(kinds.whole);
      into.whole(value as number);
    } else {
      into.byte(kinds.json);
      into.text(JSON.stringify(value));
    }
  }

  #text(value: string): void {
    const place = this.#places.get(value);
    if (place !== undefined) {
      this.into.whole(kinds.known + place);
      return;
    }
    this.#places.set(value, this.#places.size);
    this.into.byte(kinds.text);
    this.into.text(value);
  }
}

/** `texts` holds what was read of the run before. */
export function readValue(from: ByteReader, texts: string[]): FieldValue {
  const kind = from.whole();
  switch (kind) {
    case kinds.text: {
      const text = from.text();
      texts.push(text);
      return text;
    }
    case kinds.whole:
      return from.whole();
    case kinds.true:
      return true;
    case kinds.false:
      return false;
    case kinds.null:
      return null;
    case kinds.json:
      return JSON.parse(from.text()) as FieldValue;
    default:
      return texts[kind - kinds.known];
  }
}
