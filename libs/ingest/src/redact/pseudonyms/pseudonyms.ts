import { BoundedCache } from '../../bounded-cache.js';
import { canonicalIp } from '../../http/address.js';
import { addressPseudonyms } from './address-pseudonym.js';
import type { PseudonymsConfig } from './config.js';
import { userPseudonyms } from './user-pseudonym.js';

/** What is replaced, and the key: plain values, so that threads can have them too. */
export interface PseudonymSettings extends Omit<PseudonymsConfig, 'key'> {
  readonly key: string;
}

/** Gives pseudonyms and takes them back. */
export interface Pseudonyms {
  readonly users: boolean;
  readonly addresses: boolean;
  readonly fields: readonly string[];
  /** The pseudonym of a user's id, name or mail address. */
  user(name: string): string;
  /** The pseudonym of an address in any spelling; what is no address, or belongs to nobody, stays. */
  address(text: string): string;
  /** What a pseudonym, or a network of 64 bits made of one, stands for; `undefined` when this key did not make it. */
  reveal(pseudonym: string): string | undefined;
}

/** The same for the same settings, always: windows and groups work as before. Caches are bounded and of pure functions. */
export function buildPseudonyms({ users, addresses, fields, key }: PseudonymSettings): Pseudonyms {
  const bytes = Buffer.from(key, 'utf8');
  const ofUser = userPseudonyms(bytes);
  const ofAddress = addressPseudonyms(bytes);
  const knownUsers = new BoundedCache<string>(16_384);
  const knownAddresses = new BoundedCache<string>(16_384);
  return {
    users,
    addresses,
    fields,
    user(name) {
      if (name.length > 512) return ofUser.of(name);
      let made = knownUsers.get(name);
      if (made === undefined) knownUsers.set(name, (made = ofUser.of(name)));
      return made;
    },
    address(text) {
      let made = knownAddresses.get(text);
      if (made !== undefined) return made;
      const ip = canonicalIp(text);
      made = (ip === undefined ? undefined : ofAddress.of(ip)) ?? text;
      if (ip !== undefined) knownAddresses.set(text, made);
      return made;
    },
    reveal: (pseudonym) => ofUser.reveal(pseudonym) ?? ofAddress.reveal(pseudonym),
  };
}
