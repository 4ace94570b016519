/**
 * Texts of which each value that an expression is found in holds at least one: for the index. Undefined where the expression does not show it; this errs on the side
 * of telling nothing.
 */
export function requiredLiterals(source: string, flags: string): readonly string[] | undefined {
  const inline = /^\(\?([ims]+)\)/.exec(source);
  return new Alternatives(inline ? source.slice(inline[0].length) : source, flags.includes('i') || !!inline?.[1]!.includes('i')).read();
}

/** Reads an expression, or what a group holds. */
class Alternatives {
  #run = '';
  /** Of the alternative at hand: texts of which one must be there. */
  #best: readonly string[] = [];

  constructor(
    private readonly source: string,
    private readonly foldsCase: boolean,
  ) {}

  read(): readonly string[] | undefined {
    const found: string[] = [];
    for (let at = 0; at < this.source.length; at++) {
      if (this.source[at] === '|') {
        this.#cut();
        if (this.#best.length === 0) return undefined;
        found.push(...this.#best);
        this.#best = [];
      } else {
        at = this.#step(at);
        if (at < 0) return undefined;
      }
    }
    this.#cut();
    return this.#best.length === 0 ? undefined : [...found, ...this.#best];
  }

  #cut(): void {
    if (this.#run !== '') this.#offer([this.#run]);
    this.#run = '';
  }

  #offer(texts: readonly string[]): void {
    const least = (all: readonly string[]): number => Math.min(...all.map(({ length }) => length));
    if (this.#best.length === 0 || least(texts) > least(this.#best)) this.#best = texts;
  }

  /** Takes what stands at a place: where its last character stands, −1 if it is not understood. */
  #step(at: number): number {
    const { source } = this;
    const char = source[at]!;
    if (char === '\\') {
      const next = source[at + 1] ?? '';
      if (/[dwsDWSbBtnrfv]/.test(next)) this.#cut();
      else if (/[^\w\s]/.test(next) && next <= '~') this.#run += next;
      else return -1;
      return at + 1;
    }
    if (char === '[') {
      this.#cut();
      return classEnd(source, at);
    }
    if (char === '(') return this.#group(at);
    if (char === '*' || char === '?' || char === '{') {
      // What it repeats need not be there.
      this.#run = this.#run.slice(0, -1);
      this.#cut();
      return char === '{' ? source.indexOf('}', at) : at;
    }
    if (char === ')' || char > '~') return -1;
    // A long s is an s where case does not count.
    if ('.^$+'.includes(char) || (this.foldsCase && /s/i.test(char))) this.#cut();
    else this.#run += char;
    return at;
  }

  #group(at: number): number {
    this.#cut();
    const end = groupEnd(this.source, at);
    if (end < 0) return -1;
    const inner = this.source.slice(at + 1, end).replace(/^\?:/, '');
    const texts = /[*?{]/.test(this.source[end + 1] ?? '') ? undefined : new Alternatives(inner, this.foldsCase).read();
    if (texts) this.#offer(texts);
    return end;
  }
}

function classEnd(source: string, start: number): number {
  let at = start + 1;
  if (source[at] === '^') at++;
  if (source[at] === ']') return -1;
  for (; at < source.length; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === '[') return -1;
    else if (source[at] === ']') return at;
  }
  return -1;
}

function groupEnd(source: string, start: number): number {
  // Flags inside the expression change what its rest means.
  if (source[start + 1] === '?' && source[start + 2] !== ':') return -1;
  for (let at = start + 1; at < source.length; at++) {
    const char = source[at];
    if (char === '\\') at++;
    else if (char === ')') return at;
    else if (char === '[' || char === '(') {
      at = char === '[' ? classEnd(source, at) : groupEnd(source, at);
      if (at < 0) return -1;
    }
  }
  return -1;
}
