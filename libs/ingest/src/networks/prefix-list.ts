import type { Prefix } from './prefix.js';

/** Entries that a table can number. */
export const mostPrefixes = 2 ** 21;

/** Prefixes in the order in which they were added, IPv4 in growing typed arrays: half a million of them as objects would cost 100 MB. */
export class PrefixList {
  readonly v6: { readonly prefix: Prefix; readonly entry: number }[] = [];
  private words = new Uint32Array(48);
  private v4 = 0;
  private count = 0;

  /** Number of prefixes of both families. */
  get size(): number {
    return this.count;
  }

  /** First address, last address and entry number of each IPv4 prefix, one behind the other. */
  get v4Words(): Uint32Array {
    return this.words.subarray(0, this.v4 * 3);
  }

  add(prefix: Prefix): void {
    if (prefix.first.length === 1) return this.addV4(prefix.first[0]!, prefix.last[0]!);
    this.v6.push({ prefix, entry: this.next() });
  }

  addV4(first: number, last: number): void {
    const at = this.v4 * 3;
    if (at === this.words.length) {
      const larger = new Uint32Array(at * 2);
      larger.set(this.words);
      this.words = larger;
    }
    this.words[at] = first;
    this.words[at + 1] = last;
    this.words[at + 2] = this.next();
    this.v4++;
  }

  addAll(other: PrefixList): void {
    const { v4Words } = other;
    for (let i = 0; i < v4Words.length; i += 3) this.addV4(v4Words[i]!, v4Words[i + 1]!);
    for (const { prefix } of other.v6) this.add(prefix);
  }

  private next(): number {
    if (this.count >= mostPrefixes) throw new Error(`expected at most ${mostPrefixes} networks`);
    return this.count++;
  }
}

/**
 * Reads `1.2.3.4` or `1.2.3.0/24` at a place of a text into a list; `false` for anything else. Feeds are read by this: no text is cut out.
 */
export function addPlainV4(text: string, start: number, end: number, list: PrefixList): boolean {
  if (end - start > 18) return false;
  let word = 0;
  let value = -1;
  let dots = 0;
  let bits = -1;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code >= 48 && code <= 57) {
      if (bits >= 0) bits = bits * 10 + code - 48;
      else {
        if (value === 0) return false;
        value = value < 0 ? code - 48 : value * 10 + code - 48;
      }
    } else if (code === 46 && bits < 0 && value >= 0 && value < 256) {
      word = word * 256 + value;
      value = -1;
      dots++;
    } else if (code === 47 && bits < 0 && i + 1 < end) bits = 0;
    else return false;
  }
  if (dots !== 3 || value < 0 || value > 255 || bits > 32) return false;
  const size = 2 ** (bits < 0 ? 0 : 32 - bits);
  const first = Math.floor((word * 256 + value) / size) * size;
  list.addV4(first, first + size - 1);
  return true;
}
