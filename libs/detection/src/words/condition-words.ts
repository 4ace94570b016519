import type { Expression } from '../sigma/expression.js';
import { phraseOf, subjectOf, together, type Phrase } from './phrases.js';

type Names = (slot: number) => string;

/** A sentence about the event, or a heading with sentences below it. */
interface Clause {
  readonly text: string;
  readonly below: readonly Clause[];
}

const heads = {
  and: ['all of these hold:', 'at least one of these does not hold:'],
  or: ['at least one of these holds:', 'none of these holds:'],
} as const;

/** What an event must meet, in words: one line for each thing asked, indented where one belongs to another. */
export function conditionInWords(expression: Expression, names: Names): string[] {
  const clause = clauseOf(flat(expression), names);
  return clause.below.length ? indented([clause], 0) : [clause.text];
}

function indented(clauses: readonly Clause[], depth: number): string[] {
  const mark = depth === 0 ? '' : `${'  '.repeat(depth - 1)}- `;
  return clauses.flatMap(({ text, below }) => [mark + text, ...indented(below, depth + 1)]);
}

/** Nested alike taken apart, and `not` moved to where it reads best: before a test, or before a whole list. */
function flat(expression: Expression): Expression {
  if (expression.kind === 'test') return expression;
  if (expression.kind === 'not') {
    const inner = flat(expression.of);
    if (inner.kind === 'not') return inner.of;
    // "Not one of a, b" of one field reads as "none of", and each is a sentence of its own.
    if (inner.kind === 'or') return flat({ kind: 'and', of: inner.of.map((of): Expression => ({ kind: 'not', of })) });
    return { kind: 'not', of: inner };
  }
  const of = expression.of.map(flat).flatMap((part) => (part.kind === expression.kind ? part.of : [part]));
  return of.length === 1 ? of[0]! : { kind: expression.kind, of };
}

function clauseOf(expression: Expression, names: Names): Clause {
  if (expression.kind === 'test') return sentence([phraseOf(expression.predicate, false, names)], 'and', names);
  const denied = expression.kind === 'not';
  const inner = denied ? expression.of : expression;
  if (inner.kind === 'test') return sentence([phraseOf(inner.predicate, true, names)], 'and', names);
  if (inner.kind === 'not') return clauseOf(inner.of, names);
  const parts = clauses(inner.of, inner.kind, names);
  if (parts.length === 1 && !denied) return parts[0]!;
  if (inner.of.length === 0) return { text: (inner.kind === 'and') === denied ? 'no event' : 'any event', below: [] };
  return { text: heads[inner.kind][denied ? 1 : 0], below: parts };
}

/** The parts of a list as sentences, those about one field as one. */
function clauses(parts: readonly Expression[], joined: 'and' | 'or', names: Names): Clause[] {
  const bySubject = new Map<number, Phrase[]>();
  const order: (number | Clause)[] = [];
  for (const part of parts) {
    const denied = part.kind === 'not';
    const inner = denied ? part.of : part;
    if (inner.kind !== 'test') {
      order.push(clauseOf(part, names));
      continue;
    }
    const { predicate } = inner;
    const known = bySubject.get(predicate.slot);
    if (known) known.push(phraseOf(predicate, denied, names));
    else {
      bySubject.set(predicate.slot, [phraseOf(predicate, denied, names)]);
      order.push(predicate.slot);
    }
  }
  return order.map((one) => (typeof one === 'number' ? sentence(bySubject.get(one)!, joined, names) : one));
}

function sentence(phrases: readonly Phrase[], joined: 'and' | 'or', names: Names): Clause {
  const verbs = new Map<string, Phrase[]>();
  for (const phrase of phrases) {
    const key = `${phrase.verb} ${phrase.cased}`;
    verbs.set(key, [...(verbs.get(key) ?? []), phrase]);
  }
  const said = [...verbs.values()].map((alike) => together(alike, joined));
  return { text: `${subjectOf(phrases[0]!.slot, names)} ${said.join(joined === 'and' ? ' and ' : ', or ')}`, below: [] };
}
