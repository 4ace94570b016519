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
  #longest = 0;

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
    this.#longest = Math.max(this.#longest, text.length);
  }

  /** Ids of the predicates that are true of one value. */
  trueOf(value: string | number | boolean): readonly number[] {
    return this.#memo.get(typeof value === 'boolean' ? String(value) : value);
  }

  #find(value: string | number): readonly number[] {
    const found: number[] = [];
    const text = typeof value === 'number' ? String(value) : value;
    // Folding never shortens a text, so a longer one equals nothing here.
    if (text.length <= this.#longest) {
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
    return found.length ? found : none;
  }
}

const none: readonly number[] = [];

function add<Key>(map: Map<Key, number[]>, key: Key, id: number): void {
  const there = map.get(key);
  if (there) there.push(id);
  else map.set(key, [id]);
}
