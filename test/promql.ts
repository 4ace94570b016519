/** A series that an expression asks for. */
export interface Selector {
  readonly metric: string;
  /** Labels it is narrowed by. */
  readonly labels: readonly string[];
  /** The function around a range, such as `rate`. */
  readonly over?: string;
}

/** An aggregation that keeps labels. */
export interface Grouping {
  readonly by: readonly string[];
  readonly selectors: readonly Selector[];
}

export interface Promql {
  readonly selectors: readonly Selector[];
  readonly groupings: readonly Grouping[];
}

const aggregators = new Set(['sum', 'min', 'max', 'avg', 'count', 'topk', 'bottomk', 'quantile']);
const overRanges = new Set(['rate', 'increase', 'delta', 'deriv', 'predict_linear', 'avg_over_time', 'max_over_time', 'min_over_time']);
const overInstants = new Set(['histogram_quantile', 'time', 'abs', 'clamp_min', 'clamp_max', 'absent', 'vector', 'scalar']);
const operators = new Set(['+', '-', '*', '/', '%', '^', '==', '!=', '>=', '<=', '>', '<', 'and', 'or', 'unless']);
const label = /^[a-zA-Z_]\w*$/;
const duration = /^(\d+(ms|[smhdwy]))+$|^\$__(rate_interval|interval|range)$/;
const token =
  /\s+|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\$__\w+|(?:\d+(?:ms|[smhdwy]))+(?!\w)|\d+(?:\.\d+)?(?:e[+-]?\d+)?(?!\w)|[a-zA-Z_:][\w:]*|=~|!~|==|!=|>=|<=|[-+*/%^<>=(){}[\],])/gy;

/**
 * Reads the part of PromQL that our dashboard and alerts are written in, from its published grammar.
 * @throws Error naming the place where the text is not PromQL, or not of that part.
 */
export function parsePromql(text: string): Promql {
  return new Parser(text).whole();
}

class Parser {
  readonly #tokens: readonly string[];
  readonly #groupings: Grouping[] = [];
  #at = 0;

  constructor(private readonly text: string) {
    this.#tokens = tokensOf(text);
  }

  whole(): Promql {
    const selectors = this.#expression();
    if (this.#at < this.#tokens.length) this.#fail('the end');
    return { selectors, groupings: this.#groupings };
  }

  get #next(): string {
    return this.#tokens[this.#at] ?? '';
  }

  #fail(wanted: string): never {
    throw new Error(`expected ${wanted} instead of "${this.#next || 'the end'}" (word ${this.#at + 1}) in: ${this.text}`);
  }

  #taken(...wanted: string[]): boolean {
    if (!wanted.includes(this.#next)) return false;
    this.#at++;
    return true;
  }

  #take(wanted: string): void {
    if (!this.#taken(wanted)) this.#fail(`"${wanted}"`);
  }

  #word(shape: RegExp, wanted: string): string {
    const found = this.#next;
    if (!shape.test(found)) this.#fail(wanted);
    this.#at++;
    return found;
  }

  #list<T>(open: string, close: string, one: () => T): T[] {
    this.#take(open);
    const found: T[] = [];
    while (!this.#taken(close)) {
      if (found.length) this.#take(',');
      found.push(one());
    }
    return found;
  }

  #labels(): string[] {
    return this.#list('(', ')', () => this.#word(label, 'a label'));
  }

  #arguments(over?: string): Selector[] {
    return this.#list('(', ')', () => this.#expression(over)).flat();
  }

  #expression(over?: string): Selector[] {
    const found = [...this.#operand(over)];
    while (operators.has(this.#next)) {
      this.#at++;
      if (this.#taken('on', 'ignoring')) {
        this.#labels();
        if (this.#taken('group_left', 'group_right') && this.#next === '(') this.#labels();
      }
      found.push(...this.#operand(over));
    }
    return found;
  }

  #operand(over?: string): Selector[] {
    if (this.#taken('-')) return this.#operand(over);
    if (/^[\d"']/.test(this.#next)) {
      if (duration.test(this.#next)) this.#fail('a number');
      this.#at++;
      return [];
    }
    if (this.#taken('(')) {
      const found = this.#expression(over);
      this.#take(')');
      return found;
    }
    const name = this.#word(/^[a-zA-Z_:][\w:]*$/, 'a metric, function or number');
    if (aggregators.has(name)) return this.#aggregation();
    return this.#next === '(' ? this.#call(name) : [this.#selector(name, over)];
  }

  #aggregation(): Selector[] {
    const before = this.#taken('by') ? this.#labels() : [];
    const selectors = this.#arguments();
    const by = this.#taken('by') ? this.#labels() : before;
    this.#groupings.push({ by, selectors });
    return selectors;
  }

  #call(name: string): Selector[] {
    const ranged = overRanges.has(name);
    if (!ranged && !overInstants.has(name)) this.#fail(`a known function, not ${name},`);
    const found = this.#arguments(ranged ? name : undefined);
    if (ranged && !found.length) this.#fail('a range');
    return found;
  }

  #selector(metric: string, over?: string): Selector {
    const matcher = (): string => {
      const name = this.#word(label, 'a label');
      this.#word(/^(=|!=|=~|!~)$/, 'a matcher');
      this.#word(/^["']/, 'a text');
      return name;
    };
    const labels = this.#next === '{' ? this.#list('{', '}', matcher) : [];
    if (over !== undefined) {
      this.#take('[');
      this.#word(duration, 'a duration');
      this.#take(']');
    }
    if (this.#taken('offset')) this.#word(duration, 'a duration');
    return { metric, labels, over };
  }
}

function tokensOf(text: string): string[] {
  const found: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const from = token.lastIndex;
    const match = token.exec(text);
    if (!match) throw new Error(`"${text.slice(from, from + 10)}" is no word of PromQL, in: ${text}`);
    if (match[1]) found.push(match[1]);
  }
  return found;
}
