import { anyText, type Expression, type Predicate, type Test } from './expression.js';
import { isShared } from './field-group.js';
import { fold, run, shapeOf } from './pattern.js';
import { requiredLiterals } from './required-literals.js';

/** Predicates of which at least one is true whenever the expression is, and how often that is expected to happen in vain. */
export interface Witness {
  readonly predicates: readonly Predicate[];
  readonly cost: number;
}

/** The cheapest witness, or `undefined` where the expression can be true without any shared predicate being so (`not`, `null`, comparisons). */
export function witnessOf(expression: Expression): Witness | undefined {
  switch (expression.kind) {
    case 'test':
      return ofPredicate(expression.predicate);
    case 'not':
      return undefined;
    case 'or': {
      const parts = expression.of.map(witnessOf);
      if (parts.includes(undefined)) return undefined;
      const known = parts as Witness[];
      return { predicates: known.flatMap(({ predicates }) => predicates), cost: known.reduce((sum, { cost }) => sum + cost, 0) };
    }
    case 'and': {
      const known = expression.of.map(witnessOf).filter((part) => part !== undefined);
      return known.reduce<Witness | undefined>((best, part) => (best && best.cost <= part.cost ? best : part), undefined);
    }
  }
}

function ofPredicate(predicate: Predicate): Witness | undefined {
  if (predicate.test.kind === 'exists' && predicate.slot !== anyText) return { predicates: [predicate], cost: existsCost };
  if (isShared(predicate)) return { predicates: [predicate], cost: costOf(predicate.test) };
  const literals = literalsOf(predicate.test);
  if (!literals?.length || literals.includes('')) return undefined;
  const predicates = literals.map((literal) => containing(predicate.slot, literal));
  return { predicates, cost: predicates.reduce((sum, { test }) => sum + costOf(test), 0) };
}

/** Folded literals of which one must be in any value that passes the test. */
function literalsOf(test: Test): readonly string[] | undefined {
  if (test.kind === 'regex') return requiredLiterals(test.regex.source, test.regex.flags)?.map(fold);
  if (test.kind !== 'text') return undefined;
  const longest = test.pattern.reduce<string>((best, part) => (typeof part === 'string' && part.length > best.length ? part : best), '');
  return longest === '' ? undefined : [fold(longest)];
}

/** A predicate that no rule wrote: the value contains a text. */
function containing(slot: number, literal: string): Predicate {
  return {
    key: `${slot} text false ${JSON.stringify([1, literal, 1])}`,
    slot,
    test: { kind: 'text', pattern: [run, literal, run], cased: false },
  };
}

/** Fields that rules ask to exist are there in few events more often than not; a status or two tell more. */
const existsCost = 50;

/** A guess of how often a predicate is true: short texts and numbers often, long texts hardly ever. It decides speed only. */
function costOf(test: Test): number {
  if (test.kind === 'number') return 20;
  if (test.kind !== 'text') return 100;
  const shape = shapeOf(test.pattern);
  const text = shape.kind === 'anything' || shape.kind === 'other' ? '' : shape.text;
  return (shape.kind === 'equals' ? 100 : 400) / 2 ** Math.min(text.length, 12) + 0.01;
}
