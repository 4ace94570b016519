import { addressWords } from './address-words.js';

/** A network: first and last address as words. */
export interface Prefix {
  readonly first: readonly number[];
  readonly last: readonly number[];
}

const words = new Uint32Array(4);

/**
 * Reads `10.0.0.0/8`, `2001:db8::/32` or one address; host bits are ignored, IPv4 mapped into IPv6 is IPv4, a zone says nothing. `undefined` for anything else.
 */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  const count = readAddress(slash < 0 ? text : text.slice(0, slash));
  if (count === 0) return undefined;
  const mapped = count === 4 && isMapped(words);
  const whole = count * 32;
  const bits = (slash < 0 ? whole : prefixLength(text.slice(slash + 1), whole)) ?? -1;
  if (bits < (mapped ? 96 : 0)) return undefined;
  return mapped ? networkOf(words.subarray(3, 4), bits - 96) : networkOf(words.subarray(0, count), bits);
}

/** Whether four words are an IPv4 address in IPv6: `::ffff:0:0/96`. */
export function isMapped(address: ArrayLike<number>): boolean {
  return address[0] === 0 && address[1] === 0 && address[2] === 0xffff;
}

/** Of the bits that a prefix keeps those in its nth word. */
export function maskOf(bits: number, word: number): number {
  const kept = Math.min(32, Math.max(0, bits - word * 32));
  return kept === 0 ? 0 : (0xffffffff << (32 - kept)) >>> 0;
}

function readAddress(text: string): number {
  const bare = text.charCodeAt(0) === 91 && text.endsWith(']') ? text.slice(1, -1) : text;
  const zone = bare.includes(':') ? bare.indexOf('%') : -1;
  return addressWords(zone > 0 ? bare.slice(0, zone) : bare, words);
}

function networkOf(address: Uint32Array, bits: number): Prefix {
  const first: number[] = [];
  const last: number[] = [];
  for (let i = 0; i < address.length; i++) {
    const mask = maskOf(bits, i);
    first.push((address[i]! & mask) >>> 0);
    last.push((address[i]! | ~mask) >>> 0);
  }
  return { first, last };
}

function prefixLength(text: string, most: number): number | undefined {
  if (!/^\d{1,3}$/.test(text)) return undefined;
  const bits = Number(text);
  return bits <= most ? bits : undefined;
}
