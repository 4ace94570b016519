/** What makes a part of a pattern true: one of these addresses alone; anything that is an address (`neutral`); or nothing that an address alone could be. */
type Meaning = readonly string[] | 'neutral';

const never: readonly string[] = Object.freeze([]);
const addressPaths = new Set(['ipv4-addr:value', 'ipv6-addr:value', 'network-traffic:src_ref.value']);
const token =
  /\s*(?:'((?:[^'\\]|\\.)*)'|(\[(?![*\d]+\])|[\]()])|(!=|<>|<=|>=|==|[=<>,])|((?:[^\s[\]()'=<>!,]|\[(?:\*|\d{1,9})\]){1,1000}))/sy;
const wordOperators = new Set(['IN', 'ISSUBSET', 'ISSUPERSET', 'LIKE', 'MATCHES', 'NOT', 'EXISTS']);
const deepest = 32;

/**
 * The addresses and networks (as text) that meet a STIX 2.1 pattern (section 9) each alone. What else must be seen beside an address (`AND`, `FOLLOWEDBY`,
 * `REPEATS`), or must not be (`NOT`, `!=`), it does not meet alone, and a time that it is bound to (`START`) is not known here. `undefined` for text that is no pattern.
 */
export function addressesOf(pattern: string): readonly string[] | undefined {
  const tokens = tokensOf(pattern);
  if (tokens === undefined) return undefined;
  const parser = new Parser(tokens);
  const found = parser.observations();
  return parser.isBroken || !parser.isAtEnd ? undefined : found === 'neutral' ? never : found;
}

interface Token {
  readonly kind: 'text' | 'bracket' | 'sign' | 'word';
  readonly text: string;
}

function tokensOf(pattern: string): Token[] | undefined {
  const tokens: Token[] = [];
  const end = pattern.trimEnd().length;
  for (token.lastIndex = 0; token.lastIndex < end;) {
    const found = token.exec(pattern);
    if (!found) return undefined;
    const [, text, bracket, sign, word] = found;
    if (text !== undefined) tokens.push({ kind: 'text', text: text.replace(/\\(.)/gs, '$1') });
    else if (bracket !== undefined) tokens.push({ kind: 'bracket', text: bracket });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
    else tokens.push({ kind: 'word', text: word! });
  }
  return tokens;
}

class Parser {
  isBroken = false;
  #at = 0;
  #depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  get isAtEnd(): boolean {
    return this.#at >= this.tokens.length;
  }

  /** Observations joined by `AND`, `OR`, `FOLLOWEDBY`; the first binds closest, the last least. */
  observations(): Meaning {
    return this.#chain('FOLLOWEDBY', () => this.#chain('OR', () => this.#chain('AND', () => this.#observation())));
  }

  #observation(): Meaning {
    const inside = this.#is('[')
      ? this.#enclosed(']', () => this.#comparisons())
      : this.#is('(')
        ? this.#enclosed(')', () => this.observations())
        : this.#broken();
    return this.#isQualified() ? never : inside;
  }

  #comparisons(): Meaning {
    return this.#chain('OR', () =>
      this.#chain('AND', () => (this.#is('(') ? this.#enclosed(')', () => this.#comparisons()) : this.#comparison())),
    );
  }

  #comparison(): Meaning {
    const isExists = this.#takeWord('EXISTS');
    let path = '';
    while (this.#at < this.tokens.length && !this.#isOperator() && !this.#closes()) path += this.#take().text;
    if (isExists) return never;
    if (path === '' || this.#closes() || this.isAtEnd) return this.#broken();
    const isNegated = this.#takeWord('NOT');
    const operator = this.#take().text;
    const values = this.#values();
    if (isNegated || values.length === 0) return never;
    const isEqual = operator === '=' || operator === '==';
    if (isEqual && /_ref\.type$/.test(path) && /^ipv[46]-addr$/.test(values[0]!)) return 'neutral';
    return addressPaths.has(path) && (isEqual || operator === 'IN' || operator === 'ISSUBSET') ? values : never;
  }

  /** One literal, or several in brackets. Those that are no text are left out. */
  #values(): string[] {
    if (!this.#is('(')) return this.#literal();
    const values: string[] = [];
    this.#at++;
    while (!this.isAtEnd && !this.#is(')')) {
      values.push(...this.#literal());
      if (this.#is(',')) this.#at++;
    }
    this.#expect(')');
    return values;
  }

  #literal(): string[] {
    if (this.isAtEnd || this.tokens[this.#at]!.kind === 'bracket') {
      this.#broken();
      return [];
    }
    const { kind, text } = this.#take();
    if (kind === 'text') return [text];
    // t'2026-01-01T00:00:00Z', h'ff', b'…'
    if (/^[thb]$/.test(text) && this.tokens[this.#at]?.kind === 'text') this.#at++;
    return [];
  }

  #isQualified(): boolean {
    let isBound = false;
    for (;;) {
      if (this.#takeWord('WITHIN')) this.#at += 2;
      else if (this.#takeWord('REPEATS')) {
        isBound ||= this.tokens[this.#at]?.text !== '1';
        this.#at += 2;
      } else if (this.#takeWord('START')) {
        isBound = true;
        this.#literal();
        if (this.#takeWord('STOP')) this.#literal();
      } else return isBound;
    }
  }

  #chain(word: 'AND' | 'OR' | 'FOLLOWEDBY', part: () => Meaning): Meaning {
    const parts = [part()];
    while (!this.isBroken && this.#takeWord(word)) parts.push(part());
    if (parts.length === 1) return parts[0]!;
    const telling = parts.filter((each) => each !== 'neutral');
    if (word === 'OR') return telling.flat();
    return telling.length === 0 ? 'neutral' : telling.length === 1 ? telling[0]! : never;
  }

  #enclosed(close: ')' | ']', inside: () => Meaning): Meaning {
    this.#at++;
    if (++this.#depth > deepest) return this.#broken();
    const meaning = inside();
    this.#depth--;
    this.#expect(close);
    return meaning;
  }

  #is(text: string): boolean {
    const next = this.tokens[this.#at];
    return next !== undefined && next.kind !== 'text' && next.text === text;
  }

  #isOperator(): boolean {
    const next = this.tokens[this.#at]!;
    return next.kind === 'sign' || (next.kind === 'word' && wordOperators.has(next.text));
  }

  #closes(): boolean {
    return this.tokens[this.#at]?.kind === 'bracket';
  }

  #take(): Token {
    return this.tokens[this.#at++] ?? { kind: 'word', text: '' };
  }

  #takeWord(word: string): boolean {
    const found = this.#is(word);
    if (found) this.#at++;
    return found;
  }

  #expect(text: string): void {
    if (this.#is(text)) this.#at++;
    else this.isBroken = true;
  }

  #broken(): Meaning {
    this.isBroken = true;
    this.#at = this.tokens.length;
    return never;
  }
}
