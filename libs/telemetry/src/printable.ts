/**
 * C0 and C1 controls (a terminal obeys them), line and paragraph separators, and the marks that turn the reading direction: an attacker writes the
 * user agent that somebody reads in a terminal. Tab and newline count as controls here.
 */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Text from outside made safe for a terminal and for one line: what a terminal would obey becomes visible as `\x1b` or `\u202e`. */
export function printable(text: string): string {
  return text.replaceAll(unprintable, escaped);
}

function escaped(character: string): string {
  const named = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character];
  if (named) return named;
  const code = character.charCodeAt(0).toString(16);
  return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`;
}
