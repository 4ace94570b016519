import type { Place } from './documents.js';
import { all, any, not, type Expression } from './expression.js';
import { didYouMean } from './nearest.js';
import { matches, run, tidy } from './pattern.js';

/** Selections of a rule by name; `undefined` for one that has a problem of its own. */
export type Selections = ReadonlyMap<string, Expression | undefined>;

const maxDepth = 64;

/** Reads conditions: `not` binds most, then `and`, then `or`; `1 of x*`, `all of them`, parentheses. Notes which selections it used. */
export class ConditionReader {
  readonly used = new Set<string>();
  private tokens: string[] = [];
  private at = 0;
  private depth = 0;
  private place!: Place;

  constructor(private readonly selections: Selections) {}

  /** The expression, or `undefined` when a problem was noted here or in a selection. */
  read(text: string, place: Place): Expression | undefined {
    this.place = place;
    if (text.includes('|'))
      return place.fail(`'|' begins an aggregation of Sigma 1, which correlations replaced: write a correlation rule`);
    this.tokens = text.match(/[()]|[^\s()]+/g) ?? [];
    this.at = 0;
    this.depth = 0;
    if (this.tokens.length === 0) return place.fail('the condition is empty, expected names of selections');
    const expression = this.or();
    if (expression === failed) return undefined;
    if (this.at < this.tokens.length) return place.fail(`unexpected '${this.tokens[this.at]}' in '${text}', expected and, or, or the end`);
    return complete(expression) ? expression : undefined;
  }

  private or(): Parsed {
    return this.list('or', () => this.list('and', () => this.unary()));
  }

  private list(word: 'or' | 'and', next: () => Parsed): Parsed {
    const parts: Expression[] = [];
    do {
      const part = next();
      if (part === failed) return failed;
      parts.push(part);
    } while (this.take(word));
    return word === 'or' ? any(parts) : all(parts);
  }

  private unary(): Parsed {
    if (++this.depth > maxDepth) return this.fail(`the condition is nested more than ${maxDepth} deep`);
    const parsed = this.take('not') ? negate(this.unary()) : this.primary();
    this.depth--;
    return parsed;
  }

  private primary(): Parsed {
    const token = this.tokens[this.at++];
    if (token === undefined) return this.fail('the condition ends too early, expected the name of a selection');
    if (token === '(') {
      const inner = this.or();
      if (inner === failed) return failed;
      return this.tokens[this.at++] === ')' ? inner : this.fail(`a ')' is missing`);
    }
    if (this.tokens[this.at]?.toLowerCase() === 'of' && !this.selections.has(token)) return this.quantified(token);
    return this.selection(token);
  }

  private quantified(quantity: string): Parsed {
    this.at++;
    const pattern = this.tokens[this.at++];
    const word = quantity.toLowerCase();
    if (word !== '1' && word !== 'any' && word !== 'all') return this.fail(`'${quantity} of' is unknown, expected '1 of' or 'all of'`);
    if (pattern === undefined) return this.fail(`'${quantity} of' needs a pattern such as 'selection_*', or 'them'`);
    const names = [...this.selections.keys()].filter((name) => (pattern === 'them' ? !name.startsWith('_') : wildcard(pattern, name)));
    if (names.length === 0) return this.fail(`no selection is named ${pattern}${didYouMean(pattern, this.selections.keys())}`);
    const of = names.map((name) => this.named(name));
    return word === 'all' ? all(of) : any(of);
  }

  private selection(name: string): Parsed {
    if (this.selections.has(name)) return this.named(name);
    const hint = didYouMean(name, this.selections.keys()) || `, expected one of ${[...this.selections.keys()].join(', ')}`;
    return this.fail(`unknown selection '${name}'${hint}`);
  }

  private named(name: string): Expression {
    this.used.add(name);
    return this.selections.get(name) ?? broken;
  }

  private take(word: string): boolean {
    if (this.tokens[this.at]?.toLowerCase() !== word) return false;
    this.at++;
    return true;
  }

  private fail(message: string): typeof failed {
    this.place.fail(message);
    return failed;
  }
}

const failed = Symbol('failed');
type Parsed = Expression | typeof failed;

/** Stands for a selection whose problem is noted already, so that the rest of the condition is still checked. */
const broken: Expression = { kind: 'and', of: [] };

function negate(parsed: Parsed): Parsed {
  return parsed === failed ? failed : not(parsed);
}

function complete(expression: Expression): boolean {
  if (expression === broken) return false;
  if (expression.kind === 'test') return true;
  return expression.kind === 'not' ? complete(expression.of) : expression.of.every(complete);
}

/** `*` for any run of characters; names are compared as written. */
function wildcard(pattern: string, name: string): boolean {
  return matches(tidy(pattern.split('*').flatMap((part, i) => (i === 0 ? [part] : [run, part]))), name);
}
