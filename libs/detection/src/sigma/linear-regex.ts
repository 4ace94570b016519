import { RE2JS } from 're2js';

/** A rule author's regular expression. It runs in linear time (RE2), so no event can make it run away. */
export interface LinearRegex {
  readonly source: string;
  readonly flags: string;
  /** Whether it is found anywhere in the text. */
  test(text: string): boolean;
}

export type RegexResult = { readonly regex: LinearRegex } | { readonly problem: string };

/** Compiles with the flags `i`, `m`, `s` of Sigma's sub-modifiers. The problem is a sentence without the place. */
export function compileRegex(source: string, flags: string): RegexResult {
  try {
    let bits = 0;
    if (flags.includes('i')) bits |= RE2JS.CASE_INSENSITIVE;
    if (flags.includes('m')) bits |= RE2JS.MULTILINE;
    if (flags.includes('s')) bits |= RE2JS.DOTALL;
    const compiled = RE2JS.compile(source, bits);
    return { regex: { source, flags, test: (text) => compiled.test(text) } };
  } catch (error) {
    return { problem: explain(source, (error as Error).message) };
  }
}

function explain(source: string, message: string): string {
  const why = /\(\?<?[=!]|\\[1-9]/.test(source) ? ' (look-around and back references do not run in linear time and are not supported)' : '';
  return `not a usable regular expression: ${message.replace(/\s+/g, ' ')}${why}`;
}
