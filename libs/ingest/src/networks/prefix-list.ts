import { isMapped, maskOf, type Prefix } from './prefix.js';
import { addressWords } from './address-words.js';

/** Entries that a table can number. */
export const mostPrefixes = 2 ** 21;

/** Words of a prefix in `v6Words`. */
export const v6Stride = 6;
const v4Stride = 3;

/** Prefixes in the order in which they were added, in growing typed arrays: half a million of them as objects would cost 100 MB and more. */
export class PrefixList {
  private readonly v4 = new Words();
  private readonly v6 = new Words();
  private count = 0;

  /** Number of prefixes of both families. */
  get size(): number {
    return this.count;
  }

  /** First address, last address and entry number of each IPv4 prefix, one behind the other. */
  get v4Words(): Uint32Array {
    return this.v4.all;
  }

  /** The four words of the first address, the length and the entry number of each IPv6 prefix, one behind the other. */
  get v6Words(): Uint32Array {
    return this.v6.all;
  }

  add({ first, last }: Prefix): void {
    if (first.length === 1) return this.addV4(first[0]!, last[0]!);
    let bits = 0;
    for (let i = 0; i < 4; i++) bits += Math.clz32(first[i]! ^ last[i]!);
    this.addV6(first, bits);
  }

  addV4(first: number, last: number): void {
    const at = this.v4.take(v4Stride);
    const { words } = this.v4;
    words[at] = first;
    words[at + 1] = last;
    words[at + 2] = this.next();
  }

  /** Bits of the address behind the length are left out. */
  addV6(address: ArrayLike<number>, bits: number): void {
    const at = this.v6.take(v6Stride);
    const { words } = this.v6;
    for (let i = 0; i < 4; i++) words[at + i] = address[i]! & maskOf(bits, i);
    words[at + 4] = bits;
    words[at + 5] = this.next();
  }

  addAll({ v4Words, v6Words }: PrefixList): void {
    for (let i = 0; i < v4Words.length; i += v4Stride) this.addV4(v4Words[i]!, v4Words[i + 1]!);
    for (let i = 0; i < v6Words.length; i += v6Stride) this.addV6(v6Words.subarray(i, i + 4), v6Words[i + 4]!);
  }

  private next(): number {
    if (this.count >= mostPrefixes) throw new Error(`expected at most ${mostPrefixes} networks`);
    return this.count++;
  }
}

class Words {
  words = new Uint32Array(24);
  private used = 0;

  get all(): Uint32Array {
    return this.words.subarray(0, this.used);
  }

  /** Room for some more words: where they begin. */
  take(count: number): number {
    const at = this.used;
    this.used += count;
    if (this.used > this.words.length) {
      const larger = new Uint32Array(this.words.length * 2);
      larger.set(this.words);
      this.words = larger;
    }
    return at;
  }
}

/** Networks wider than these are not read in place. */
export interface Narrowest {
  readonly v4: number;
  readonly v6: number;
}

const address = new Uint32Array(4);

/**
 * Reads `1.2.3.4`, `1.2.3.0/24` or `2001:db8::/32` at a place of a text into a list; `false` for anything else. Feeds are read by this: no text is cut out.
 */
export function addPlain(text: string, start: number, end: number, { list, shortest }: { list: PrefixList; shortest: Narrowest }): boolean {
  const slash = slashOf(text, start, end);
  const count = addressWords(text, address, start, slash < 0 ? end : slash);
  if (count === 0) return false;
  const whole = count * 32;
  const bits = slash < 0 ? whole : lengthOf(text, slash + 1, end);
  if (bits > whole || bits < (count === 1 ? shortest.v4 : shortest.v6)) return false;
  if (count === 4) {
    if (isMapped(address)) return false;
    list.addV6(address, bits);
    return true;
  }
  const mask = maskOf(bits, 0);
  list.addV4((address[0]! & mask) >>> 0, (address[0]! | ~mask) >>> 0);
  return true;
}

/** A length has up to three digits, so the slash stands among the last four. */
function slashOf(text: string, start: number, end: number): number {
  for (let at = end - 1; at >= end - 4 && at > start; at--) if (text.charCodeAt(at) === 47) return at;
  return -1;
}

function lengthOf(text: string, start: number, end: number): number {
  if (start === end) return -1;
  let bits = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    bits = bits * 10 + digit;
  }
  return bits;
}
