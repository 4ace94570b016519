/** Index of the quote that ends a quoted field and is not escaped, or -1. `from` is the place after the opening quote. */
export function closingQuote(line: string, from: number): number {
  let at = line.indexOf('"', from);
  while (at > from && line.charCodeAt(at - 1) === 92 && isEscaped(line, at, from)) at = line.indexOf('"', at + 1);
  return at;
}

/** Whether an odd number of backslashes stands before a place. */
export function isEscaped(line: string, at: number, from: number): boolean {
  let backslashes = 0;
  while (at - 1 - backslashes >= from && line.charCodeAt(at - 1 - backslashes) === 92) backslashes++;
  return backslashes % 2 === 1;
}

/** Undoes the escapes of quote and backslash of Apache (`\"`, `\\`) and nginx (`\x22`, `\x5C`); others stay visible. */
export function unescapeQuotes(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:(["\\])|x22|x5[cC])/g, (whole, plain: string | undefined) => plain ?? (whole === '\\x22' ? '"' : '\\'));
}
