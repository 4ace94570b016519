/**
 * The `for` of each element of a Forwarded header (RFC 7239), the nearest hop last. An element without one, `unknown` and obfuscated names (`_hidden`)
 * give an empty hop: nothing is known of it, and nothing behind it can be believed.
 */
export function forwardedHops(text: string): string[] {
  const hops: string[] = [];
  let hop = '';
  let at = 0;
  while (at < text.length) {
    const found = pairAt(text, at);
    if (!found) return [''];
    if (found.name === 'for') hop = found.value;
    at = found.end;
    if (at >= text.length || text.charCodeAt(at) === 44) {
      hops.push(hop);
      hop = '';
    }
    at++;
  }
  return hops;
}

/** `name=token` or `name="quoted"` up to `;`, `,` or the end. Sticky, with classes that exclude each other: one pass. */
const pair = /[ \t]*([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s",;=]*))[ \t]*(?=[;,]|$)/y;

function pairAt(text: string, from: number): { name: string; value: string; end: number } | undefined {
  pair.lastIndex = from;
  const found = pair.exec(text);
  if (!found) return undefined;
  const value = found[2]?.replace(/\\(.)/g, '$1') ?? found[3] ?? '';
  return { name: found[1]!.toLowerCase(), value, end: pair.lastIndex };
}
