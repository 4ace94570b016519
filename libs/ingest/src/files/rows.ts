/** Characters of a row that are read. */
const longest = 65_536;

/** What may part values where nothing tells which of them does. */
export const anySeparator = '\t;|,';

/**
 * Rows of a text of values, quoted (RFC 4180) or not; comments (`#`, `//`, `;` at the begin, ` #` behind a value) and empty lines left out. Values are parted
 * by any of the separators; a quoted value ends with its line.
 */
export function* rowsOf(text: string, separators = anySeparator): Generator<string[]> {
  for (const line of linesOf(text)) yield valuesOf(line, separators);
}

/** What parts the values of a table whose first row this is: tab, semicolon, bar or comma, whichever stands there outside quotes, in this order. */
export function separatorOf(text: string): string {
  const first = linesOf(text).next().value ?? '';
  const bare = first.replaceAll(/"[^"]*"/g, '');
  return [...anySeparator].find((separator) => bare.includes(separator)) ?? anySeparator;
}

function* linesOf(text: string): Generator<string, undefined> {
  for (let start = 0; start < text.length;) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    // A tab at either end parts an empty value.
    const line = text.slice(
      text.charCodeAt(start) === 0xfeff ? start + 1 : start,
      Math.min(text.charCodeAt(end - 1) === 13 ? end - 1 : end, start + longest),
    );
    start = end + 1;
    const begin = line.trimStart();
    if (begin === '' || begin.startsWith('#') || begin.startsWith(';') || begin.startsWith('//')) continue;
    yield line;
  }
}

function valuesOf(text: string, separators: string): string[] {
  const values: string[] = [];
  for (let at = 0; ;) {
    while (text[at] === ' ') at++;
    const { value, end } = text[at] === '"' ? quoted(text, at, separators) : bare(text, at, separators);
    values.push(value);
    const next = text[end];
    if (next === undefined || !separators.includes(next)) return values;
    at = end + 1;
  }
}

interface Value {
  readonly value: string;
  /** Where the separator behind it stands, or a comment, or the end. */
  readonly end: number;
}

function bare(text: string, start: number, separators: string): Value {
  let end = start;
  while (end < text.length && !separators.includes(text[end]!) && !isComment(text, end)) end++;
  return { value: text.slice(start, end).trim(), end };
}

function quoted(text: string, start: number, separators: string): Value {
  let value = '';
  let at = start + 1;
  for (; at < text.length; at++) {
    if (text[at] === '"' && text[++at] !== '"') break;
    value += text[at] ?? '';
  }
  return { value: value.trim(), end: bare(text, at, separators).end };
}

function isComment(text: string, at: number): boolean {
  return text[at] === '#' && (text[at - 1] === ' ' || text[at - 1] === '\t');
}

/** Where the wanted column stands: a number counts from 1, a name is looked up in the first row, without case. */
export function columnIndex(column: number | string | undefined, firstRow: readonly string[]): number | undefined {
  if (column === undefined) return undefined;
  if (typeof column === 'number') return column - 1;
  const wanted = column.trim().toLowerCase();
  const at = firstRow.findIndex((name) => name.toLowerCase() === wanted);
  if (at < 0) throw new Error(`its first row has no column "${column}", but ${firstRow.slice(0, 20).join(', ').slice(0, 200)}`);
  return at;
}
