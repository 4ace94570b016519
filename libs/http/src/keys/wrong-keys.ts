import { isIPv6 } from 'node:net';
import type { Millis } from '#time';

const allowed = 10;
const window: Millis = 60_000;
const maxAddresses = 10_000;

interface Tries {
  since: Millis;
  count: number;
}

/**
 * Counts wrong keys per address: ten a minute, then the answer is "wait". The table is bounded: the address longest unseen is forgotten. IPv6 counts
 * by /64, since one subscriber owns so many. A right key is never held back: guessing 256 bits is hopeless, and one misconfigured shipper must not
 * lock out its neighbours behind the same address.
 */
export class WrongKeys {
  readonly #tries = new Map<string, Tries>();

  /** Counts one more. Gives the milliseconds to wait when there were too many. */
  add(address: string, now: Millis): Millis | undefined {
    const place = network(address);
    const known = this.#tries.get(place);
    const tries = known && now - known.since < window ? known : { since: now, count: 0 };
    tries.count++;
    this.#tries.delete(place);
    this.#tries.set(place, tries);
    if (this.#tries.size > maxAddresses) this.#forgetOldest();
    return tries.count > allowed ? tries.since + window - now : undefined;
  }

  get size(): number {
    return this.#tries.size;
  }

  #forgetOldest(): void {
    const [oldest] = this.#tries.keys();
    if (oldest !== undefined) this.#tries.delete(oldest);
  }
}

function network(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = '', tail = ''] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (address.includes('::')) while (groups.length < 8 - tail.split(':').length) groups.push('0');
  return groups.slice(0, 4).join(':');
}
