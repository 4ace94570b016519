import { numberOf, type Predicate } from './expression.js';
import { LiteralIndex, type Literal } from './literal-index.js';
import { fold, shapeOf } from './pattern.js';
import { ValueMemo } from './value-memo.js';

/** Whether a predicate's truth is found together with that of all others of its field: equality and literals; the rest is asked one by one. */
export function isShared({ test }: Predicate): boolean {
  if (test.kind === 'number' || test.kind === 'boolean') return true;
  if (test.kind !== 'text') return false;
  const shape = shapeOf(test.pattern);
  return shape.kind !== 'other' && shape.kind !== 'anything' && (shape.kind === 'equals' || shape.text !== '');
}

/** The shared predicates of one field. */
export class FieldGroup {
  /** Event for which the predicates were evaluated last. */
  evaluated = -1;
  readonly #folded = new Map<string, number[]>();
  readonly #exact = new Map<string, number[]>();
  readonly #numbers = new Map<number, number[]>();
  readonly #literals: LiteralIndex | undefined;
  readonly #memo: ValueMemo<readonly number[]>;
  /** By length of a text, the last characters (low five bits) of texts of that length that could equal something: see {@link FieldGroup.mayEqual}. */
  #endings = new Int32Array(0);
  /** Answers for whole numbers such as status codes. */
  readonly #small: (readonly number[] | undefined)[] = new Array<undefined>(smallNumbers).fill(undefined);
  readonly #found: number[] = [];

  /** `predicates` are pairs of id and predicate, all shared. */
  constructor(
    readonly slot: number,
    predicates: readonly (readonly [id: number, predicate: Predicate])[],
  ) {
    const literals: Literal[] = [];
    for (const [id, { test }] of predicates) {
      if (test.kind === 'number') add(this.#numbers, test.value, id);
      else if (test.kind === 'boolean') this.#equals(String(test.value), false, id);
      else if (test.kind === 'text') {
        const shape = shapeOf(test.pattern);
        if (shape.kind === 'equals') this.#equals(shape.text, test.cased, id);
        else if (shape.kind !== 'anything' && shape.kind !== 'other')
          literals.push({ id, text: shape.text, anchor: shape.kind, cased: test.cased });
      }
    }
    this.#literals = literals.length ? new LiteralIndex(literals) : undefined;
    this.#memo = new ValueMemo((value) => this.#find(value));
  }

  #equals(text: string, cased: boolean, id: number): void {
    add(cased ? this.#exact : this.#folded, text, id);
    // U+0130 is the one character that folding makes longer, and U+0307 is what it leaves behind.
    const from = text.includes('\u0307') ? 0 : text.length;
    if (text.length >= this.#endings.length) {
      const wider = new Int32Array(text.length + 1);
      wider.set(this.#endings);
      this.#endings = wider;
    }
    const last = text.charCodeAt(text.length - 1);
    const ending = from < text.length || !(last <= 127) ? -1 : 1 << (last & 31);
    for (let length = from; length <= text.length; length++) this.#endings[length]! |= ending;
  }

  /** Ids of the predicates that are true of one value. */
  trueOf(value: string | number | boolean): readonly number[] {
    if (typeof value === 'string') return this.#literals || this.#numbers.size || this.#mayEqual(value) ? this.#memo.get(value) : none;
    if (typeof value === 'boolean') return this.#memo.get(String(value));
    if (!(value >= 0 && value < smallNumbers && Number.isInteger(value))) return this.#memo.get(value);
    return (this.#small[value] ??= this.#find(value));
  }

  /**
   * Whether a text can equal one of the field's, by length and last character: nearly none does, and folding and hashing cost more than this. The case
   * of an ASCII letter is not in its low five bits; beyond ASCII anything may fold to anything.
   */
  #mayEqual(text: string): boolean {
    if (text.length >= this.#endings.length) return false;
    const last = text.charCodeAt(text.length - 1);
    return (this.#endings[text.length]! & (last <= 127 ? 1 << (last & 31) : -1)) !== 0;
  }

  #find(value: string | number): readonly number[] {
    const found = this.#found;
    found.length = 0;
    const text = typeof value === 'number' ? String(value) : value;
    if (this.#mayEqual(text)) {
      const exact = this.#exact.get(text);
      if (exact) found.push(...exact);
      const folded = this.#folded.get(fold(text));
      if (folded) found.push(...folded);
    }
    if (this.#numbers.size) {
      const equal = this.#numbers.get(numberOf(value));
      if (equal) found.push(...equal);
    }
    this.#literals?.scan(text, found);
    return found.length ? found.slice() : none;
  }
}

const none: readonly number[] = [];
const smallNumbers = 1024;

function add<Key>(map: Map<Key, number[]>, key: Key, id: number): void {
  const there = map.get(key);
  if (there) there.push(id);
  else map.set(key, [id]);
}
