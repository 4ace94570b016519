import type { FieldValue } from '#ecs';
import { anyText, type Expression, type Predicate } from './expression.js';
import { FieldGroup, isShared } from './field-group.js';
import type { Matcher } from './rule.js';
import { possible, shortfall, type Shortfall } from './shortfall.js';
import { eachText, holds } from './single-test.js';
import { textGate } from './text-gate.js';
import { witnessOf } from './witness.js';

/** What the matcher is told about the fields. */
export interface MatcherFields {
  readonly names: readonly string[];
  /** Slot in which a reader puts all texts of a document, for keyword searches; -1 where there is none. */
  readonly textSlot: number;
}

/** Compiles the expressions of all rules together. `match` speaks of them by their position. */
export function compileMatcher(expressions: readonly Expression[], { names, textSlot }: MatcherFields): Matcher {
  return new CompiledMatcher(expressions, names, textSlot);
}

type Check = () => boolean;

/**
 * Shared predicates of a field are evaluated together once for an event; a rule is evaluated only when its witness is true (see README, "How
 * matching works"). "True" is a mark: the number of the event for which it was so, which makes forgetting free.
 */
class CompiledMatcher implements Matcher {
  readonly readsAllText: boolean;
  readonly mayHoldKeyword: ((line: string) => boolean) | undefined;
  readonly #ids = new Map<string, number>();
  readonly #predicates: Predicate[] = [];
  readonly #groups = new Map<number, FieldGroup>();
  readonly #eager: FieldGroup[] = [];
  readonly #checks: Check[];
  /** By predicate: where in `#rules` the rules stand that it is a witness of, and where they end. One array, not thousands of small ones. */
  readonly #rulesFrom: Int32Array;
  readonly #rules: Int32Array;
  readonly #always: number[] = [];
  /** Fields whose presence is a witness, and the predicate that says so. */
  readonly #present: readonly { readonly slot: number; readonly ids: readonly number[] }[];
  readonly #trueAt: Int32Array;
  readonly #knownAt: Int32Array;
  readonly #candidateAt: Int32Array;
  readonly #candidates: Int32Array;
  #candidateCount = 0;
  #now = 0;
  #values: readonly FieldValue[] = [];

  constructor(
    private readonly expressions: readonly Expression[],
    readonly fields: readonly string[],
    readonly textSlot: number,
  ) {
    const rulesOf: number[][] = [];
    const witnessed = new Set<number>();
    const present = new Map<number, number>();
    for (const [rule, expression] of expressions.entries()) {
      this.#register(expression);
      const witness = witnessOf(expression);
      if (!witness) this.#always.push(rule);
      for (const predicate of witness?.predicates ?? []) {
        const rules = (rulesOf[this.#idOf(predicate)] ??= []);
        if (rules.at(-1) !== rule) rules.push(rule);
        if (predicate.test.kind === 'exists') present.set(predicate.slot, this.#idOf(predicate));
        else witnessed.add(predicate.slot);
      }
    }
    this.#present = [...present].map(([slot, id]) => ({ slot, ids: [id] }));
    this.#trueAt = new Int32Array(this.#predicates.length);
    this.#knownAt = new Int32Array(this.#predicates.length);
    this.#rulesFrom = new Int32Array(this.#predicates.length + 1);
    this.#predicates.forEach((_, id) => (this.#rulesFrom[id + 1] = this.#rulesFrom[id]! + (rulesOf[id]?.length ?? 0)));
    this.#rules = new Int32Array(this.#rulesFrom[this.#predicates.length]!);
    rulesOf.forEach((rules, id) => this.#rules.set(rules, this.#rulesFrom[id]));
    this.#buildGroups(witnessed);
    this.#candidateAt = new Int32Array(expressions.length);
    this.#candidates = new Int32Array(expressions.length);
    this.#checks = expressions.map((expression) => this.#compile(expression));
    this.readsAllText = this.#predicates.some(({ slot }) => slot === anyText);
    this.mayHoldKeyword = textGate(this.#predicates);
  }

  get unindexed(): readonly number[] {
    return this.#always;
  }

  expressionOf(detection: number): Expression | undefined {
    return this.expressions[detection];
  }

  shortfall(detection: number, values: readonly FieldValue[]): readonly Shortfall[] {
    return shortfall(this.expressions[detection]!, values, this.textSlot);
  }

  possible(detection: number, has: (slot: number) => boolean): boolean {
    return possible(this.expressions[detection]!, has);
  }

  match(values: readonly FieldValue[], found: Int32Array): number {
    this.#next(values);
    for (const group of this.#eager) this.#evaluate(group);
    for (const { slot, ids } of this.#present) if (values[slot] !== undefined) this.#mark(ids);
    for (const rule of this.#always) this.#candidates[this.#candidateCount++] = rule;
    const count = this.#candidateCount;
    sortRising(this.#candidates, count);
    let matched = 0;
    for (let i = 0; i < count; i++) {
      const rule = this.#candidates[i]!;
      if (this.#checks[rule]!()) found[matched++] = rule;
    }
    return matched;
  }

  #next(values: readonly FieldValue[]): void {
    this.#values = values;
    this.#candidateCount = 0;
    if (++this.#now < 0x7fffffff) return;
    for (const marks of [this.#trueAt, this.#knownAt, this.#candidateAt]) marks.fill(0);
    for (const group of this.#groups.values()) group.evaluated = 0;
    this.#now = 1;
  }

  #evaluate(group: FieldGroup): void {
    group.evaluated = this.#now;
    if (group.slot === anyText) {
      eachText(this.#values, this.textSlot, (text) => this.#mark(group.trueOf(text)));
      return;
    }
    const value = this.#values[group.slot];
    if (value === undefined || value === null) return;
    if (typeof value === 'object') {
      if (Array.isArray(value)) for (const element of value as readonly string[]) this.#mark(group.trueOf(element));
      return;
    }
    this.#mark(group.trueOf(value));
  }

  #mark(ids: readonly number[]): void {
    const now = this.#now;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      if (this.#trueAt[id] === now) continue;
      this.#trueAt[id] = now;
      const end = this.#rulesFrom[id + 1]!;
      for (let j = this.#rulesFrom[id]!; j < end; j++) {
        const rule = this.#rules[j]!;
        if (this.#candidateAt[rule] === now) continue;
        this.#candidateAt[rule] = now;
        this.#candidates[this.#candidateCount++] = rule;
      }
    }
  }

  #buildGroups(witnessed: ReadonlySet<number>): void {
    const bySlot = new Map<number, [number, Predicate][]>();
    for (const [id, predicate] of this.#predicates.entries()) {
      if (!isShared(predicate)) continue;
      const there = bySlot.get(predicate.slot);
      if (there) there.push([id, predicate]);
      else bySlot.set(predicate.slot, [[id, predicate]]);
    }
    for (const [slot, predicates] of bySlot) {
      const group = new FieldGroup(slot, predicates);
      this.#groups.set(slot, group);
      if (witnessed.has(slot)) this.#eager.push(group);
    }
  }

  #register(expression: Expression): void {
    if (expression.kind === 'test') this.#idOf(expression.predicate);
    else if (expression.kind === 'not') this.#register(expression.of);
    else for (const part of expression.of) this.#register(part);
  }

  #idOf(predicate: Predicate): number {
    const known = this.#ids.get(predicate.key);
    if (known !== undefined) return known;
    this.#ids.set(predicate.key, this.#predicates.length);
    return this.#predicates.push(predicate) - 1;
  }

  #compile(expression: Expression): Check {
    switch (expression.kind) {
      case 'test':
        return this.#compileTest(expression.predicate);
      case 'not': {
        const inner = this.#compile(expression.of);
        return () => !inner();
      }
      case 'and': {
        const parts = expression.of.map((part) => this.#compile(part));
        return () => {
          for (const part of parts) if (!part()) return false;
          return true;
        };
      }
      case 'or': {
        const parts = expression.of.map((part) => this.#compile(part));
        return () => {
          for (const part of parts) if (part()) return true;
          return false;
        };
      }
    }
  }

  #compileTest(predicate: Predicate): Check {
    const id = this.#idOf(predicate);
    const trueAt = this.#trueAt;
    const knownAt = this.#knownAt;
    if (isShared(predicate)) {
      const group = this.#groups.get(predicate.slot)!;
      return () => {
        if (group.evaluated !== this.#now) this.#evaluate(group);
        return trueAt[id] === this.#now;
      };
    }
    return () => {
      if (knownAt[id] !== this.#now) {
        knownAt[id] = this.#now;
        if (holds(predicate, this.#values, this.textSlot)) trueAt[id] = this.#now;
      }
      return trueAt[id] === this.#now;
    };
  }
}

/** Insertion for the usual handful, the library's sort beyond. */
function sortRising(numbers: Int32Array, count: number): void {
  if (count > 32) {
    numbers.subarray(0, count).sort();
    return;
  }
  for (let i = 1; i < count; i++) {
    const number = numbers[i]!;
    let j = i - 1;
    for (; j >= 0 && numbers[j]! > number; j--) numbers[j + 1] = numbers[j]!;
    numbers[j + 1] = number;
  }
}
