import { hkdfSync } from 'node:crypto';
import { addressWords } from '../../networks/address-words.js';
import { canonicalIp } from '../../http/address.js';
import { ff1 } from './ff1.js';

/** Addresses to pseudonyms and back. */
export interface AddressPseudonyms {
  /** The pseudonym of an address in its canonical spelling; `undefined` for one that IANA has given to nobody, which names no one. */
  of(address: string): string | undefined;
  /** The address, or the network of a pseudonym cut to its /64. */
  reveal(pseudonym: string): string | undefined;
}

const low62 = (1n << 62n) - 1n;
const low64 = (1n << 64n) - 1n;
/** 0:ffff:a:b::, where no IPv6 network lies, holds the IPv4 addresses while they are encrypted. */
const v4Mark = 0xffffn;

/**
 * Pseudonyms are IPv6 addresses of 4000::/2 and 8000::/2, which IANA has not assigned: they fit where an address must stand, no machine has them, and
 * nobody takes them for real ones. The two halves are encrypted apart (FF1), the second by the first: addresses of one /64 keep one /64, so that
 * grouping by it still works; nothing else of the network is kept.
 */
export function addressPseudonyms(key: Uint8Array): AddressPseudonyms {
  const aes = Buffer.from(hkdfSync('sha256', key, '', 'gatewatch pseudonyms: addresses', 32));
  const network = ff1(aes, 62);
  const host = ff1(aes, 64);
  const words = new Uint32Array(4);

  function halves(address: string): { upper: bigint; lower: bigint } | undefined {
    const count = addressWords(address, words);
    if (count === 0) return undefined;
    const [first = 0, second = 0, third = 0, fourth = 0] = words;
    if (count === 1) return { upper: (v4Mark << 32n) | BigInt(first), lower: 0n };
    return { upper: (BigInt(first) << 32n) | BigInt(second), lower: (BigInt(third) << 32n) | BigInt(fourth) };
  }

  return {
    of(address) {
      const plain = halves(address);
      const kind = plain && plain.upper >> 62n;
      // 00 holds all that is routed, 11 what is local; 01 and 10 are the pseudonyms' own.
      if (!plain || kind === 1n || kind === 2n) return undefined;
      const upper = ((kind === 0n ? 1n : 2n) << 62n) | network.encrypt(plain.upper & low62, networkTweak);
      return written(upper, host.encrypt(plain.lower, tweakOf(upper)));
    },
    reveal(pseudonym) {
      const text = pseudonym.replace(/\/64$/, '');
      const found = halves(text);
      const kind = found && found.upper >> 62n;
      if (!found || !text.includes(':') || (kind !== 1n && kind !== 2n)) return undefined;
      const upper = ((kind === 1n ? 0n : 3n) << 62n) | network.decrypt(found.upper & low62, networkTweak);
      const isV4 = upper >> 32n === v4Mark;
      if (text !== pseudonym) return isV4 ? dotted(upper) : `${written(upper, 0n)}/64`;
      const lower = host.decrypt(found.lower, tweakOf(found.upper));
      if (isV4) return lower === 0n ? dotted(upper) : undefined;
      return written(upper, lower);
    },
  };
}

const networkTweak = Buffer.from('network');

function tweakOf(upper: bigint): Buffer {
  return Buffer.from(upper.toString(16).padStart(16, '0'), 'hex');
}

function dotted(upper: bigint): string {
  const value = Number(upper & 0xffff_ffffn);
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}

function written(upper: bigint, lower: bigint): string {
  const digits = ((upper << 64n) | (lower & low64)).toString(16).padStart(32, '0');
  return canonicalIp(digits.replace(/(?<=.)(?=(?:.{4})+$)/g, ':')) ?? digits;
}
