import { canonicalIp } from '../http/address.js';
import { addressWords } from './address-words.js';

/** A network: first and last address as words. */
export interface Prefix {
  readonly first: readonly number[];
  readonly last: readonly number[];
}

/** Reads `10.0.0.0/8`, `2001:db8::/32` or one address; host bits are ignored. `undefined` for anything else. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  const ip = canonicalIp(slash < 0 ? text : text.slice(0, slash));
  if (ip === undefined) return undefined;
  const words = new Uint32Array(4);
  const count = addressWords(ip, words);
  if (count === 0) return undefined;
  const bits = slash < 0 ? count * 32 : prefixLength(text.slice(slash + 1), count * 32);
  if (bits === undefined) return undefined;
  const first: number[] = [];
  const last: number[] = [];
  for (let i = 0; i < count; i++) {
    const kept = Math.min(32, Math.max(0, bits - i * 32));
    const mask = kept === 0 ? 0 : (0xffffffff << (32 - kept)) >>> 0;
    first.push((words[i]! & mask) >>> 0);
    last.push((words[i]! | ~mask) >>> 0);
  }
  return { first, last };
}

function prefixLength(text: string, most: number): number | undefined {
  if (!/^\d{1,3}$/.test(text)) return undefined;
  const bits = Number(text);
  return bits <= most ? bits : undefined;
}
