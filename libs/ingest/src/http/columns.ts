const maxColumns = 80;

/**
 * The columns of a line that parts them by blanks and quotes those which hold blanks, quotes removed. A quote ends a column only where a blank or
 * the end follows, since some writers leave quotes inside as they are. At most 80 columns are read; one pass.
 */
export function columns(line: string, from = 0): string[] {
  const found: string[] = [];
  const { length } = line;
  let at = from;
  while (at < length && found.length < maxColumns) {
    if (line.charCodeAt(at) === 32) {
      at++;
      continue;
    }
    const quote = line.charCodeAt(at) === 34;
    const end = quote ? quoteEnd(line, at + 1) : blankOr(line, at);
    found.push(quote ? line.slice(at + 1, end) : line.slice(at, end));
    at = end + 1;
  }
  return found;
}

/** Index behind a number of columns. */
export function columnEnd(line: string, from: number, count: number): number {
  let at = from;
  for (let left = count; left > 0 && at < line.length;) {
    if (line.charCodeAt(at) === 32) at++;
    else {
      at = (line.charCodeAt(at) === 34 ? quoteEnd(line, at + 1) : blankOr(line, at)) + 1;
      left--;
    }
  }
  return at;
}

function quoteEnd(line: string, from: number): number {
  let end = line.indexOf('"', from);
  while (end >= 0 && end + 1 < line.length && line.charCodeAt(end + 1) !== 32) end = line.indexOf('"', end + 1);
  return end < 0 ? line.length : end;
}

function blankOr(line: string, from: number): number {
  const end = line.indexOf(' ', from);
  return end < 0 ? line.length : end;
}

/** A column's text, or `undefined` where it is missing or says that there is none. */
export function present(text: string | undefined): string | undefined {
  return text === undefined || text === '' || text === '-' ? undefined : text;
}

/** A column's number where it is one and not negative: many writers put -1 for none. */
export function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '' || text.length > 20) return undefined;
  const number = Number(text);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}

/** A status code of three digits. */
export function statusOf(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d\d$/.test(text) ? Number(text) : undefined;
}
