import type { FieldValue } from '#ecs';
import { anyText, numberOf, textOf, type Comparison, type Predicate, type Test } from './expression.js';
import { fold, matches } from './pattern.js';
import { timePartOf } from './time-part.js';

/** Calls `use` with every text of an event: `texts` where the reader collected them, else every slot's. */
export function eachText(values: readonly FieldValue[], textSlot: number, use: (text: string) => void): void {
  const texts = textSlot >= 0 ? values[textSlot] : undefined;
  if (Array.isArray(texts)) {
    for (const text of texts as readonly string[]) use(text);
    return;
  }
  for (const value of values) {
    if (typeof value === 'string') use(value);
    else if (Array.isArray(value)) for (const text of value as readonly string[]) use(text);
  }
}

/** Whether a predicate is true of an event, asked by itself. */
export function holds({ slot, test }: Predicate, values: readonly FieldValue[], textSlot: number): boolean {
  if (slot === anyText) {
    let found = false;
    eachText(values, textSlot, (text) => (found ||= meets(test, text, values)));
    return found;
  }
  const value = values[slot];
  if (test.kind === 'exists') return value !== undefined;
  if (test.kind === 'null') return value === undefined || value === null;
  if (Array.isArray(value)) return (value as readonly string[]).some((element) => meets(test, element, values));
  return value !== undefined && value !== null && meets(test, value, values);
}

function meets(test: Predicate['test'], value: FieldValue, values: readonly FieldValue[]): boolean {
  switch (test.kind) {
    case 'text':
      return meetsText(test, value);
    case 'regex':
      return asks(value, (text) => test.regex.test(text));
    case 'cidr':
      return typeof value === 'string' && test.block.has(value);
    case 'compare':
      return compare(test.comparison, numberOf(value), test.value);
    case 'time':
      return compare(test.comparison, timePartOf(value, test.part), test.value);
    case 'fieldref':
      return refers(test, value, values[test.slot]);
    case 'number':
      return numberOf(value) === test.value;
    case 'boolean':
      return asks(value, (text) => fold(text) === String(test.value));
    default:
      return false;
  }
}

function meetsText({ pattern, cased }: Test & { kind: 'text' }, value: FieldValue): boolean {
  const text = textOf(value);
  return text !== undefined && matches(pattern, cased ? text : fold(text));
}

function asks(value: FieldValue, test: (text: string) => boolean): boolean {
  const text = textOf(value);
  return text !== undefined && test(text);
}

function compare(comparison: Comparison | 'eq', value: number, limit: number): boolean {
  switch (comparison) {
    case 'gt':
      return value > limit;
    case 'gte':
      return value >= limit;
    case 'lt':
      return value < limit;
    case 'lte':
      return value <= limit;
    case 'eq':
      return value === limit;
  }
}

function refers({ how, cased }: Test & { kind: 'fieldref' }, value: FieldValue, other: FieldValue): boolean {
  if (Array.isArray(other)) return (other as readonly string[]).some((element) => refersTo(how, cased, [value, element]));
  return refersTo(how, cased, [value, other]);
}

function refersTo(how: 'equals' | 'contains' | 'startswith' | 'endswith', cased: boolean, pair: readonly FieldValue[]): boolean {
  const [text, other] = pair.map((side) => {
    const own = textOf(side);
    return own === undefined || cased ? own : fold(own);
  });
  if (text === undefined || other === undefined) return false;
  switch (how) {
    case 'equals':
      return text === other;
    case 'contains':
      return text.includes(other);
    case 'startswith':
      return text.startsWith(other);
    case 'endswith':
      return text.endsWith(other);
  }
}
