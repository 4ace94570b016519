import { Resolver } from 'node:dns/promises';
import type { Millis } from '#time';
import { canonicalIp } from '../../http/address.js';
import { addressWords } from '../../networks/address-words.js';

/** Whether an address has a name in one of the domains, and that name the address; `undefined` where name servers did not answer. */
export interface Confirm {
  (ip: string, domains: readonly string[]): Promise<boolean | undefined>;
  /** Ends questions that wait for an answer. */
  cancel(): void;
}

export interface ConfirmSettings {
  /** As address or address:port; those of the machine if there are none. */
  readonly servers: readonly string[];
  /** For one question. */
  readonly timeout: Millis;
}

/** Names looked at for one address: whoever owns the reverse zone can write any number. */
const mostNames = 4;
/** Codes of c-ares that are an answer: there is no such name, or none of that kind. */
const nothing = new Set(['ENOTFOUND', 'ENODATA']);

/**
 * Forward-confirmed reverse DNS (RFC 8499, 9), as operators of crawlers ask for. The name alone is worth nothing: whoever has a network writes its
 * reverse names.
 */
export function confirmByName({ servers, timeout }: ConfirmSettings): Confirm {
  const resolver = new Resolver({ timeout, tries: 2 });
  if (servers.length) resolver.setServers(servers);
  const confirm = async (ip: string, domains: readonly string[]): Promise<boolean | undefined> => {
    const names = await answerTo(resolver.resolvePtr(reverseName(ip)));
    if (!names) return undefined;
    let silent = false;
    for (const name of names.filter((each) => isWithin(each, domains)).slice(0, mostNames)) {
      const addresses = await answerTo(ip.includes(':') ? resolver.resolve6(name) : resolver.resolve4(name));
      if (addresses?.some((address) => canonicalIp(address) === ip)) return true;
      silent ||= !addresses;
    }
    return silent ? undefined : false;
  };
  return Object.assign(confirm, { cancel: () => resolver.cancel() });
}

async function answerTo(question: Promise<string[]>): Promise<readonly string[] | undefined> {
  try {
    return await question;
  } catch (error) {
    return nothing.has((error as NodeJS.ErrnoException).code ?? '') ? [] : undefined;
  }
}

function isWithin(name: string, domains: readonly string[]): boolean {
  const plain = name.toLowerCase().replace(/\.$/, '');
  return domains.some((domain) => plain.endsWith(`.${domain}`));
}

/** RFC 1035, 3.5 and RFC 3596, 2.5. Not `reverse`: that looks into the file of hosts when the server fails, and calls what is not there an answer. */
function reverseName(ip: string): string {
  if (!ip.includes(':')) return `${ip.split('.').reverse().join('.')}.in-addr.arpa`;
  const words = new Uint32Array(4);
  addressWords(ip, words);
  const digits = [...words].map((word) => word.toString(16).padStart(8, '0')).join('');
  return `${[...digits].reverse().join('.')}.ip6.arpa`;
}
