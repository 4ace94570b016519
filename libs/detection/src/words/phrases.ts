import { anyText, type Predicate, type Test } from '../sigma/expression.js';
import { one, run, shapeOf, type Pattern } from '../sigma/pattern.js';

/** What is asked of one field, so that alike questions can be told together: "contains one of 'a', 'b'". */
export interface Phrase {
  readonly slot: number;
  /** The question without its value: "contains", "does not contain". */
  readonly verb: string;
  /** The value; absent where the verb says it all. */
  readonly value?: string;
  readonly cased: boolean;
  readonly denied: boolean;
}

type Names = (slot: number) => string;

const verbs: Readonly<Record<string, readonly [yes: string, no: string]>> = {
  equals: ['is', 'is not'],
  contains: ['contains', 'does not contain'],
  startswith: ['starts with', 'does not start with'],
  endswith: ['ends with', 'does not end with'],
  other: ['has the form', 'has not the form'],
  anything: ['is there', 'is missing'],
  regex: ['fits the expression', 'does not fit the expression'],
  cidr: ['is in the network', 'is not in the network'],
  null: ['is missing or null', 'has a value'],
  exists: ['is there', 'is missing'],
};
const compared = { gt: 'above', gte: 'at least', lt: 'below', lte: 'at most', eq: '' } as const;

/** A test of one field in words, as it stands or denied. */
export function phraseOf({ slot, test }: Predicate, denied: boolean, names: Names): Phrase {
  const [kind, value] = spoken(test, names);
  const [yes, no] = verbs[kind] ?? [kind, kind.replace(/^is /, 'is not ')];
  return { slot, verb: denied ? no : yes, cased: 'cased' in test && test.cased, denied, ...(value !== undefined && { value }) };
}

/** The subject of a test. */
export function subjectOf(slot: number, names: Names): string {
  return slot === anyText ? 'any text of the event' : names(slot);
}

/** Key of `verbs`, or the question itself, and the value. */
function spoken(test: Test, names: Names): readonly [kind: string, value?: string] {
  switch (test.kind) {
    case 'text':
      return textual(test.pattern);
    case 'number':
    case 'boolean':
      return ['equals', String(test.value)];
    case 'null':
    case 'exists':
      return [test.kind];
    case 'regex':
      return ['regex', `/${brief(test.regex.source)}/${test.regex.flags}`];
    case 'cidr':
      return ['cidr', test.block.text];
    case 'compare':
      return [`is ${compared[test.comparison]} ${test.value}`];
    case 'time':
      return [`is of ${test.part} ${compared[test.comparison]} ${test.value}`.replace('  ', ' ')];
    case 'fieldref':
      return [test.how, `what is in ${names(test.slot)}`];
  }
}

function textual(pattern: Pattern): readonly [kind: string, value?: string] {
  const shape = shapeOf(pattern);
  if (shape.kind === 'anything') return ['anything'];
  if (shape.kind !== 'other') return [shape.kind, shape.text === '' ? 'empty' : quoted(shape.text)];
  return ['other', quoted(pattern.map((part) => (part === run ? '*' : part === one ? '?' : part)).join(''))];
}

function quoted(text: string): string {
  const shown = brief(text);
  return shown.includes("'") && !shown.includes('"') ? `"${shown}"` : `'${shown}'`;
}

function brief(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** Values that are told of one list; the rest is counted. */
const mostValues = 12;

/** Phrases of one verb as one: "contains one of 'a', 'b' or 2 more". */
export function together(phrases: readonly Phrase[], joined: 'and' | 'or'): string {
  const { verb, cased, denied } = phrases[0]!;
  const values = [...new Set(phrases.flatMap(({ value }) => value ?? []))];
  const words = [verb];
  if (values.length === 1) words.push(values[0]!);
  else if (values.length > 1) {
    // "Does not contain a" and "does not contain b": neither.
    const quantity = denied ? (joined === 'and' ? 'any of' : 'all of') : joined === 'and' ? 'all of' : 'one of';
    words.push(quantity, values.slice(0, mostValues).join(', '));
    if (values.length > mostValues) words.push(`and ${values.length - mostValues} more`);
  }
  if (cased) words.push('(upper and lower case differ)');
  return words.join(' ');
}
