/** Colours are written into the text, and take no room on the screen. */
const colourCode = /\x1b\[[0-9;]*m/g; // eslint-disable-line no-control-regex
const least = 40;

/**
 * Breaks the lines of a report between words, for a terminal of so many columns. What follows from a line is indented below it, behind the same `│` where
 * it is a line of evidence; a word that is wider than the terminal is cut. Where the terminal is too narrow for that, lines stay as they are.
 */
export function wrap(text: string, columns: number | undefined): string {
  if (columns === undefined || columns < least) return text;
  return text
    .split('\n')
    .map((line) => (width(line) <= columns ? line : wrapLine(line, columns)))
    .join('\n');
}

function wrapLine(line: string, columns: number): string {
  const start = plain(line);
  const indent = /^ */.exec(start)![0];
  const below = start.startsWith('│ ', indent.length) ? `${indent}│   ` : `${indent}  `;
  const out: string[] = [];
  let current = '';
  let room = columns;
  for (const piece of line
    .trimEnd()
    .split(/(?<=[^ ])(?= )/)
    .flatMap((word) => cut(word, columns - below.length))) {
    if (width(piece) > room && plain(current).trim()) {
      out.push(current);
      current = below + piece.replace(/^ +/, '');
      room = columns - width(current);
    } else {
      current += piece;
      room -= width(piece);
    }
  }
  return [...out, current].join('\n');
}

/** Colour codes stay whole: a cut is made only in words without them. */
function cut(word: string, most: number): string[] {
  if (width(word) <= most || plain(word) !== word) return [word];
  const pieces: string[] = [];
  for (let rest = [...word]; rest.length; rest = rest.slice(most)) pieces.push(rest.slice(0, most).join(''));
  return pieces;
}

function width(text: string): number {
  return [...plain(text)].length;
}

function plain(text: string): string {
  return text.replace(colourCode, '');
}
