import { addressWords } from './address-words.js';
import type { Prefix } from './prefix.js';

/** Which entry holds an address: the narrowest first, then those around it. Entries are numbered in the order in which they were given. */
export interface PrefixTable {
  /** Number of prefixes. */
  readonly size: number;
  /** Bytes of its arrays. */
  readonly bytes: number;
  /** The narrowest entry that holds an address and that `accepts` takes, or -1. */
  find(ip: string, accepts?: (entry: number) => boolean): number;
}

/**
 * Prefixes in sorted typed arrays, 500,000 of IPv4 in 8 MB. Prefixes contain each other or are disjoint, so each knows the one around it, and an address
 * is found by one binary search and a walk outwards.
 */
export function buildPrefixTable(prefixes: readonly Prefix[]): PrefixTable {
  const v4 = new Family(1, prefixes);
  const v6 = new Family(4, prefixes);
  const key = new Uint32Array(4);
  return {
    size: prefixes.length,
    bytes: v4.bytes + v6.bytes,
    find(ip, accepts) {
      const words = addressWords(ip, key);
      return words === 0 ? -1 : (words === 1 ? v4 : v6).find(key, accepts);
    },
  };
}

class Family {
  private readonly firsts: Uint32Array;
  private readonly lasts: Uint32Array;
  /** Place of the prefix around each, or -1. */
  private readonly around: Int32Array;
  private readonly entries: Int32Array;

  constructor(
    private readonly words: number,
    prefixes: readonly Prefix[],
  ) {
    const order = sortedEntries(words, prefixes);
    this.entries = Int32Array.from(order);
    this.firsts = new Uint32Array(order.length * words);
    this.lasts = new Uint32Array(order.length * words);
    this.around = new Int32Array(order.length);
    for (let at = 0; at < order.length; at++) {
      this.firsts.set(prefixes[order[at]!]!.first, at * words);
      this.lasts.set(prefixes[order[at]!]!.last, at * words);
      let outer = at - 1;
      while (outer >= 0 && this.isAfter(prefixes[order[at]!]!.first, outer)) outer = this.around[outer]!;
      this.around[at] = outer;
    }
  }

  get bytes(): number {
    return this.firsts.byteLength + this.lasts.byteLength + this.around.byteLength + this.entries.byteLength;
  }

  find(key: Uint32Array, accepts: ((entry: number) => boolean) | undefined): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(key, this.firsts, middle * this.words, this.words) < 0) high = middle;
      else low = middle + 1;
    }
    for (let at = low - 1; at >= 0; at = this.around[at]!) {
      if (this.isAfter(key, at)) continue;
      if (accepts === undefined || accepts(this.entries[at]!)) return this.entries[at]!;
    }
    return -1;
  }

  private isAfter(key: ArrayLike<number>, at: number): boolean {
    return compare(key, this.lasts, at * this.words, this.words) > 0;
  }
}

/** By first address; of those that begin together the widest first, and of equal ones the first given last, so that it is found first. */
function sortedEntries(words: number, prefixes: readonly Prefix[]): number[] {
  const order: number[] = [];
  for (let i = 0; i < prefixes.length; i++) if (prefixes[i]!.first.length === words) order.push(i);
  return order.sort((a, b) => {
    const [left, right] = [prefixes[a]!, prefixes[b]!];
    return compare(left.first, right.first, 0, words) || compare(right.last, left.last, 0, words) || b - a;
  });
}

function compare(left: ArrayLike<number>, right: ArrayLike<number>, from: number, words: number): number {
  for (let i = 0; i < words; i++) {
    const difference = left[i]! - right[from + i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
