import type { Prefix } from '../../networks/prefix.js';
import type { PrefixList } from '../../networks/prefix-list.js';
import type { Confidence } from './config.js';

/** What holds for entries of a feed alike. */
export interface Validity {
  readonly confidence: Confidence;
  /** From when to when they hold, in milliseconds. */
  readonly from: number;
  readonly until: number;
}

/** Addresses and networks of a feed that hold alike: of a list all, of a bundle those of an indicator. */
export interface FeedGroup extends Validity {
  readonly networks: PrefixList;
}

export interface FeedContent {
  readonly groups: readonly FeedGroup[];
  /** Rows or indicators that name no address, or one too wide to be believed. */
  readonly skipped: number;
}

/** The widest networks that a feed may well name: half the internet on a list is a mistake, not a finding. */
export const shortest = { v4: 8, v6: 19 };

/** Whether a network is no wider than that, and not of the addresses below 1.0.0.0, which say "this network". */
export function isBelievable({ first, last }: Prefix): boolean {
  if (first.length === 1) return last[0]! - first[0]! < 2 ** (32 - shortest.v4) && first[0]! >= 2 ** 24;
  return last[0]! - first[0]! < 2 ** (32 - shortest.v6);
}
