import { anyText, type Predicate } from './expression.js';
import { LiteralIndex, type Literal } from './literal-index.js';

/**
 * Tells of a line of JSON whether one of its texts can meet a keyword search, without parsing it. Undefined where nothing can be told: a keyword that is no more than
 * wildcards, or an expression. Lines with `\u` or beyond ASCII are let through; in any other, what JSON need not escape stands as it is.
 */
export function textGate(predicates: readonly Predicate[]): ((line: string) => boolean) | undefined {
  const literals: Literal[] = [];
  for (const { slot, test } of predicates) {
    if (slot !== anyText) continue;
    if (test.kind !== 'text') return undefined;
    const longest = test.pattern
      .flatMap((part) => (typeof part === 'string' ? part.split(escapable) : []))
      .reduce((best, piece) => (piece.length > best.length ? piece : best), '');
    if (longest === '') return undefined;
    literals.push({ id: literals.length, text: longest, anchor: 'contains', cased: test.cased });
  }
  if (literals.length === 0) return undefined;
  const index = new LiteralIndex(literals);
  const found: number[] = [];
  return (line) => {
    if (line.includes('\\u') || wide.test(line)) return true;
    found.length = 0;
    index.scan(line, found);
    return found.length > 0;
  };
}

// eslint-disable-next-line no-control-regex -- JSON writes these with a backslash
const escapable = /["\\/\0-\x1f\x7f]|[^\0-\x7f]/;

const wide = /[^\0-\x7f]/;
