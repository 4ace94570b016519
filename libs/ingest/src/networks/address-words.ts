/**
 * Reads an address in its canonical spelling (see `canonicalIp`) into 32-bit words: returns how many (1 for IPv4, 4 for IPv6), or 0 for text that is none.
 * `into` has room for four. No objects are made: this is asked for every address that no cache knows.
 */
export function addressWords(text: string, into: Uint32Array): 0 | 1 | 4 {
  return text.includes(':') ? v6Words(text, into) : v4Word(text, into);
}

function v4Word(text: string, into: Uint32Array): 0 | 1 {
  let word = 0;
  let value = -1;
  let dots = 0;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 46;
    if (code === 46) {
      if (value < 0 || value > 255) return 0;
      word = word * 256 + value;
      value = -1;
      dots++;
    } else {
      if (code < 48 || code > 57) return 0;
      value = value < 0 ? code - 48 : value * 10 + code - 48;
      if (value > 255) return 0;
    }
  }
  if (dots !== 4) return 0;
  into[0] = word;
  return 1;
}

function v6Words(text: string, into: Uint32Array): 0 | 4 {
  if (text.length > 39) return 0;
  into.fill(0, 0, 4);
  const gap = text.indexOf('::');
  const head = gap < 0 ? text : text.slice(0, gap);
  const tail = gap < 0 ? '' : text.slice(gap + 2);
  const front = groups(head, into, 0);
  const back = tail === '' ? 0 : tail.split(':').length;
  if (front < 0 || (gap < 0 ? front !== 8 : front + back > 7)) return 0;
  return back === 0 || groups(tail, into, 8 - back) >= 0 ? 4 : 0;
}

/** Writes groups of hexadecimal digits from a place on; tells how many, or -1. */
function groups(text: string, into: Uint32Array, from: number): number {
  if (text === '') return 0;
  const parts = text.split(':');
  if (from + parts.length > 8) return -1;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    if (!/^[\da-f]{1,4}$/i.test(part)) return -1;
    const at = from + i;
    into[at >> 1]! |= parseInt(part, 16) << (at & 1 ? 0 : 16);
  }
  return parts.length;
}
