/** `*`: any run of characters, also none. */
export const run = Symbol('*');
/** `?`: exactly one character. */
export const one = Symbol('?');

/** A Sigma string: literal stretches and wildcards. */
export type Pattern = readonly (string | typeof run | typeof one)[];

/**
 * Reads a value by the rules of the Sigma specification 2.1, "Escaping": a backslash makes a following `*`, `?` or backslash plain and is itself
 * plain before anything else.
 */
export function parsePattern(text: string): Pattern {
  const parts: (string | typeof run | typeof one)[] = [];
  let literal = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    const next = text[i + 1];
    if (char === '\\' && (next === '*' || next === '?' || next === '\\')) {
      literal += next;
      i++;
    } else if (char === '*' || char === '?') {
      if (literal) parts.push(literal);
      literal = '';
      parts.push(char === '*' ? run : one);
    } else literal += char;
  }
  if (literal) parts.push(literal);
  return tidy(parts);
}

/** One `*` for several in a row, one literal for neighbours. */
export function tidy(parts: Pattern): Pattern {
  const out: (string | typeof run | typeof one)[] = [];
  for (const part of parts) {
    const last = out.at(-1);
    if (part === run && last === run) continue;
    if (typeof part === 'string' && typeof last === 'string') out[out.length - 1] = last + part;
    else if (part !== '') out.push(part);
  }
  return out;
}

/** The text of a pattern without wildcards. */
export function plain(pattern: Pattern): string | undefined {
  if (pattern.length === 0) return '';
  return pattern.length === 1 && typeof pattern[0] === 'string' ? pattern[0] : undefined;
}

/** How a pattern can be tested with one look: `other` needs {@link matches}. */
export type Shape =
  | { readonly kind: 'equals' | 'contains' | 'startswith' | 'endswith'; readonly text: string }
  | { readonly kind: 'anything' }
  | { readonly kind: 'other' };

export function shapeOf(pattern: Pattern): Shape {
  const text = plain(pattern);
  if (text !== undefined) return { kind: 'equals', text };
  const [first, second, third] = pattern;
  if (pattern.length === 1 && first === run) return { kind: 'anything' };
  if (pattern.length === 2 && first === run && typeof second === 'string') return { kind: 'endswith', text: second };
  if (pattern.length === 2 && second === run && typeof first === 'string') return { kind: 'startswith', text: first };
  if (pattern.length === 3 && first === run && third === run && typeof second === 'string') return { kind: 'contains', text: second };
  return { kind: 'other' };
}

/**
 * Text as compared where case does not count: Unicode lower case, both sigmas alike (their form depends on the place in the word, which would
 * make `contains` depend on what follows).
 */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  return lower.includes('ς') ? lower.replaceAll('ς', 'σ') : lower;
}

export function foldPattern(pattern: Pattern): Pattern {
  return pattern.map((part) => (typeof part === 'string' ? fold(part) : part));
}

/**
 * Whether the whole text fits the pattern. Stretches between two `*` are placed at their first possible place, which is never worse than a later
 * one; so the cost is at most length × pattern, whatever the text.
 */
export function matches(pattern: Pattern, text: string): boolean {
  let p = 0;
  let t = 0;
  let retryAt = -1; // Index after the last `*`, and the text position to try next from there.
  let retryFrom = 0;
  for (;;) {
    if (p === pattern.length && t === text.length) return true;
    const part = pattern[p];
    if (part === run) {
      retryAt = ++p;
      retryFrom = t;
      if (p === pattern.length) return true;
      continue;
    }
    const width = typeof part === 'string' ? (text.startsWith(part, t) ? part.length : -1) : part === one && t < text.length ? 1 : -1;
    if (width >= 0) {
      p++;
      t += width;
      continue;
    }
    if (retryAt < 0) return false;
    const next = pattern[retryAt];
    retryFrom = typeof next === 'string' ? text.indexOf(next, retryFrom + 1) : retryFrom + 1;
    if (retryFrom < 0 || retryFrom > text.length) return false;
    p = retryAt;
    t = retryFrom;
  }
}
