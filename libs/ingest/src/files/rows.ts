/** Rows of a text of values separated by comma, semicolon, tab or bar, quoted or not; comments (`#`, `//`, `;` at the begin) and empty lines left out. */
export function* rowsOf(text: string): Generator<string[]> {
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    const line = text.slice(start, end).trim();
    start = end + 1;
    if (line === '' || line.startsWith('#') || line.startsWith('//') || line.startsWith(';')) continue;
    yield valuesOf(line.charCodeAt(0) === 0xfeff ? line.slice(1) : line);
  }
}

function valuesOf(line: string): string[] {
  const comment = line.search(/\s[#;]/);
  const text = comment < 0 ? line : line.slice(0, comment);
  if (!/[",;\t|]/.test(text)) return [text.trim()];
  const values: string[] = [];
  for (const found of text.slice(0, 65_536).matchAll(/(?:^|[,;\t|])\s*(?:"((?:[^"]|"")*)"|([^,;\t|]*))/g))
    values.push((found[1]?.replaceAll('""', '"') ?? found[2] ?? '').trim());
  return values;
}

/** Where the wanted column stands: a number counts from 1, a name is looked up in the first row. */
export function columnIndex(column: number | string | undefined, firstRow: readonly string[]): number | undefined {
  if (column === undefined) return undefined;
  if (typeof column === 'number') return column - 1;
  const wanted = column.toLowerCase();
  const at = firstRow.findIndex((name) => name.toLowerCase() === wanted);
  if (at < 0) throw new Error(`its first row has no column "${column}"`);
  return at;
}
