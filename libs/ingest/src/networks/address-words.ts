/**
 * Reads an address into 32-bit words: returns how many (1 for IPv4, 4 for IPv6), or 0 for text that is none. Without brackets and zone.
 * `into` has room for four. No objects are made: this is asked for every address that no cache knows, and for every line of a feed.
 */
export function addressWords(text: string, into: Uint32Array, start = 0, end = text.length): 0 | 1 | 4 {
  const length = end - start;
  if (length < 2 || length > 45) return 0;
  for (let i = start; i < end && i < start + 5; i++) if (text.charCodeAt(i) === 58) return v6Words(text, start, end, into);
  const word = v4Word(text, start, end);
  if (word < 0) return 0;
  into[0] = word;
  return 1;
}

/** The word of a dotted IPv4 address, or -1; a leading zero may be octal elsewhere, so it is none. */
function v4Word(text: string, start: number, end: number): number {
  let word = 0;
  let value = -1;
  let dots = 0;
  for (let i = start; i <= end; i++) {
    const code = i < end ? text.charCodeAt(i) : 46;
    if (code === 46) {
      if (value < 0) return -1;
      word = word * 256 + value;
      value = -1;
      dots++;
    } else {
      if (code < 48 || code > 57 || value === 0) return -1;
      value = value < 0 ? code - 48 : value * 10 + code - 48;
      if (value > 255) return -1;
    }
  }
  return dots === 4 ? word : -1;
}

const halves = new Uint16Array(8);

/** Eight groups of hexadecimal digits, the last two perhaps as dotted IPv4, one run of zero groups perhaps as `::` (RFC 4291, 2.2). */
function v6Words(text: string, start: number, end: number, into: Uint32Array): 0 | 4 {
  let count = 0;
  let gap = -1;
  let at = start;
  while (at < end) {
    if (text.charCodeAt(at) === 58) {
      // Two colons are the gap; a single one stands only behind a group, where it is taken with it.
      if (text.charCodeAt(at + 1) !== 58 || at + 1 >= end || gap >= 0) return 0;
      gap = count;
      at += 2;
      continue;
    }
    if (count === 8) return 0;
    const close = groupEnd(text, at, end);
    if (text.charCodeAt(close) === 46 && close < end) {
      const word = count > 6 ? -1 : v4Word(text, at, end);
      if (word < 0) return 0;
      halves[count++] = word >>> 16;
      halves[count++] = word & 0xffff;
      break;
    }
    const group = hexadecimal(text, at, close);
    if (group < 0) return 0;
    halves[count++] = group;
    at = close;
    if (at === end) break;
    if (text.charCodeAt(at) !== 58 || at + 1 === end) return 0;
    if (text.charCodeAt(at + 1) !== 58) at++;
  }
  if (gap < 0 ? count !== 8 : count > 7) return 0;
  spread(count, gap < 0 ? count : gap, into);
  return 4;
}

function groupEnd(text: string, at: number, end: number): number {
  let close = at;
  while (close < end && text.charCodeAt(close) !== 58 && text.charCodeAt(close) !== 46) close++;
  return close;
}

function hexadecimal(text: string, at: number, close: number): number {
  if (close === at || close > at + 4) return -1;
  let group = 0;
  for (let i = at; i < close; i++) {
    const code = text.charCodeAt(i) | 32;
    if (code >= 97 && code <= 102) group = group * 16 + code - 87;
    else if (code >= 48 && code <= 57 && text.charCodeAt(i) === code) group = group * 16 + code - 48;
    else return -1;
  }
  return group;
}

/** Groups before the gap stand at the front, the others at the end. */
function spread(count: number, gap: number, into: Uint32Array): void {
  into.fill(0, 0, 4);
  for (let i = 0; i < count; i++) {
    const at = i < gap ? i : 8 - count + i;
    into[at >> 1]! |= halves[i]! << (at & 1 ? 0 : 16);
  }
}
