import type { JsonValue } from '#ecs';
import { valueAt, valuePath, wordOf, type ValuePath } from './value-path.js';

export type JsonScalar = string | number | boolean;

/** What one value must be: one of these words (`*` at either end stands for any text), present or absent, or a number in a range. */
export type Test =
  | JsonScalar
  | null
  | readonly (JsonScalar | null)[]
  | {
      readonly exists?: boolean;
      readonly gte?: number;
      readonly gt?: number;
      readonly lte?: number;
      readonly lt?: number;
      readonly not?: JsonScalar | readonly JsonScalar[];
    };

/** All of these must hold: path to test. */
export type Condition = Readonly<Record<string, Test>>;

export type Judge = (tree: JsonValue) => boolean;

/** Makes a test of a record out of its description. Words are compared without regard to case. */
export function compileCondition(condition: Condition): Judge {
  const parts = Object.entries(condition).map(([path, test]) => ({ path: valuePath(path), holds: compileTest(test) }));
  return (tree) => parts.every(({ path, holds }) => holds(readAt(tree, path)));
}

/** Lists of words are true if one of them is. */
function readAt(tree: JsonValue, path: ValuePath): JsonValue | undefined {
  return valueAt(tree, path);
}

type Holds = (value: JsonValue | undefined) => boolean;

function compileTest(test: Test): Holds {
  if (typeof test !== 'object' || test === null || Array.isArray(test))
    return compileWordTest(Array.isArray(test) ? (test as readonly (JsonScalar | null)[]) : [test]);
  const {
    exists,
    gte = -Infinity,
    gt = -Infinity,
    lte = Infinity,
    lt = Infinity,
    not,
  } = test as Exclude<Test, JsonScalar | null | readonly unknown[]>;
  const bounded = gte > -Infinity || gt > -Infinity || lte < Infinity || lt < Infinity;
  const excluded =
    not === undefined ? undefined : compileWordTest(Array.isArray(not) ? (not as readonly JsonScalar[]) : [not as JsonScalar]);
  return (value) => {
    if (exists !== undefined && (value !== undefined) !== exists) return false;
    if (excluded?.(value) === true) return false;
    if (!bounded) return true;
    const word = wordOf(value);
    const number = word === undefined || word.trim() === '' ? NaN : Number(word);
    return number >= gte && number > gt && number <= lte && number < lt;
  };
}

/** Makes a test for one of some words, `*` at either end standing for any text; of a list one entry must pass. */
export function compileWordTest(words: readonly (JsonScalar | null)[]): Holds {
  const allowsNone = words.includes(null);
  const exact = new Set<string>();
  const begins: string[] = [];
  const ends: string[] = [];
  const holds: string[] = [];
  for (const word of words) {
    if (word === null) continue;
    const text = String(word).toLowerCase();
    const open = text.length > 1 && text.startsWith('*');
    const close = text.length > 1 && text.endsWith('*');
    if (text === '*') holds.push('');
    else if (open && close) holds.push(text.slice(1, -1));
    else if (open) ends.push(text.slice(1));
    else if (close) begins.push(text.slice(0, -1));
    else exact.add(text);
  }
  const matches = (value: JsonValue): boolean => {
    const text = wordOf(value)?.toLowerCase();
    if (text === undefined) return false;
    return (
      exact.has(text) ||
      begins.some((part) => text.startsWith(part)) ||
      ends.some((part) => text.endsWith(part)) ||
      holds.some((part) => text.includes(part))
    );
  };
  return (value) => (value === undefined ? allowsNone : Array.isArray(value) ? value.slice(0, 256).some(matches) : matches(value));
}
