import type { FieldValue } from '#ecs';
import { anyText, type Expression, type Test } from './expression.js';
import type { Pattern } from './pattern.js';
import { one, run } from './pattern.js';
import { holds } from './single-test.js';

/** One test that stands between an event and a match. */
export interface Shortfall {
  /** Place of the field in the values, −1 for a keyword search over all texts. */
  readonly slot: number;
  /** What was asked of it, in words. */
  readonly expected: string;
  /** True where the test holds and must not: a filter, an exception, a `not` of the rule. */
  readonly excluded: boolean;
  /** What the event has there. */
  readonly found: FieldValue;
}

/** The fewest tests that would have to come out otherwise for an event to match; empty for one that does. */
export function shortfall(expression: Expression, values: readonly FieldValue[], textSlot: number): Shortfall[] {
  return until(true, expression, { values, textSlot });
}

/** Whether an expression can be true of an event that has only certain fields. What is denied is taken to be so. */
export function possible(expression: Expression, has: (slot: number) => boolean): boolean {
  if (expression.kind === 'not') return true;
  if (expression.kind !== 'test') {
    const each = (part: Expression): boolean => possible(part, has);
    return expression.kind === 'and' ? expression.of.every(each) : expression.of.some(each);
  }
  const { slot, test } = expression.predicate;
  return slot === anyText || test.kind === 'null' || has(slot);
}

interface Asked {
  readonly values: readonly FieldValue[];
  readonly textSlot: number;
}

/** What stands against the expression being `wanted`. */
function until(wanted: boolean, expression: Expression, asked: Asked): Shortfall[] {
  if (expression.kind === 'not') return until(!wanted, expression.of, asked);
  if (expression.kind === 'test') {
    const { predicate } = expression;
    if (holds(predicate, asked.values, asked.textSlot) === wanted) return [];
    const found = predicate.slot === anyText ? undefined : asked.values[predicate.slot];
    return [{ slot: predicate.slot, expected: wordsOf(predicate.test), excluded: !wanted, found }];
  }
  const parts = expression.of.map((part) => until(wanted, part, asked));
  // All of an `and` must be true, one part of it false; of an `or` the other way round.
  if ((expression.kind === 'and') === wanted) return parts.flat();
  return parts.reduce((least, part) => (part.length < least.length ? part : least), parts[0] ?? []);
}

/** A test in words: "is /login", "contains admin (case counts)", "at least 400". */
export function wordsOf(test: Test): string {
  switch (test.kind) {
    case 'text':
      return `is ${patternText(test.pattern)}${test.cased ? ' (case counts)' : ''}`;
    case 'number':
    case 'boolean':
      return `is ${test.value}`;
    case 'null':
      return 'is null or missing';
    case 'exists':
      return 'is there';
    case 'regex':
      return 'fits the regular expression';
    case 'cidr':
      return 'is in the network';
    case 'compare':
      return `${comparisons[test.comparison]} ${test.value}`;
    case 'time':
      return `${test.part} ${test.comparison === 'eq' ? 'is' : comparisons[test.comparison]} ${test.value}`;
    case 'fieldref':
      return `${test.how} another field`;
  }
}

const comparisons = { gt: 'above', gte: 'at least', lt: 'below', lte: 'at most' } as const;

function patternText(pattern: Pattern): string {
  const text = pattern.map((part) => (part === run ? '*' : part === one ? '?' : part)).join('');
  return text === '' ? 'empty' : `'${text.length > 80 ? `${text.slice(0, 79)}…` : text}'`;
}
