import { canonicalIp, splitPort } from '../http/address.js';
import { chainHeader, headerOf, xForwardedFor } from '../http/seen-headers.js';
import type { LogEvent } from '../log-event.js';
import { networkClass } from '../enrichers/network/network.js';
import { parsePrefix } from '../networks/prefix.js';
import { buildPrefixTable } from '../networks/prefix-table.js';
import { ADDRESS, CLIENT_IP, DOMAIN, IP, PORT } from '../slots.js';
import type { ClientHeader } from './client-headers.js';
import { forwardedHops } from './forwarded.js';

export interface ClientSettings {
  /** Networks, and `private`: every private, loopback and link-local address, and Unix sockets. */
  readonly trusted: readonly string[];
  readonly header?: ClientHeader;
}

const mostHops = 32;

/** The policy of a source, or a sentence part that says what is wrong. */
export function clientPolicy({ trusted, header = xForwardedFor }: ClientSettings): ((event: LogEvent) => void) | string {
  const networks = trusted.filter((name) => name !== 'private');
  const prefixes = [];
  for (const network of networks) {
    const prefix = parsePrefix(network);
    if (!prefix) return `trusted_proxies holds "${network}", which is neither a network such as 10.0.0.0/8 nor "private"`;
    prefixes.push(prefix);
  }
  const table = buildPrefixTable(prefixes);
  const trustsPrivate = networks.length < trusted.length;
  const trusts = (ip: string): boolean => table.find(ip) >= 0 || (trustsPrivate && isPrivate(ip));
  return (event) => apply(event, { trusts, trustsPrivate, header });
}

interface Rules {
  readonly trusts: (ip: string) => boolean;
  readonly trustsPrivate: boolean;
  readonly header: ClientHeader;
}

/**
 * A proxy appends the peer that it saw, so of a list only what trusted hops wrote can be believed: it is read from the right, and the first hop that
 * is not trusted is the caller. Whatever stands left of it the caller may have written.
 */
function apply(event: LogEvent, rules: Rules): void {
  const { values } = event;
  // What was claimed is not what is known.
  values[CLIENT_IP] = undefined;
  const chain = event.headers?.[chainHeader];
  const peer = values[IP];
  const found = chain === undefined ? behindPeer(event, peer, rules) : nearestUntrusted(chain.split(','), undefined, rules);
  if (found === undefined) return;
  values[CLIENT_IP] = found;
  if (found === peer) return;
  values[IP] = values[ADDRESS] = found;
  // They were the proxy's.
  values[PORT] = values[DOMAIN] = undefined;
}

function behindPeer(event: LogEvent, peer: unknown, rules: Rules): string | undefined {
  if (typeof peer === 'string' ? !rules.trusts(peer) : !(rules.trustsPrivate && isSocket(event))) return undefined;
  const text = headerOf(event, rules.header);
  if (text === undefined) return undefined;
  if (rules.header === xForwardedFor) return nearestUntrusted(text.split(','), peer, rules);
  if (rules.header === 'forwarded') return nearestUntrusted(forwardedHops(text), peer, rules);
  // One address, written by the proxy next to us. A list is none.
  return addressOf(text);
}

/** The first hop from the right that is not trusted; where one says nothing, the hop before it; of only trusted ones the farthest. */
function nearestUntrusted(hops: readonly string[], peer: unknown, { trusts }: Rules): string | undefined {
  let nearest = typeof peer === 'string' ? peer : undefined;
  for (let i = hops.length - 1; i >= Math.max(0, hops.length - mostHops); i--) {
    const ip = addressOf(hops[i]!);
    if (ip === undefined) return nearest;
    nearest = ip;
    if (!trusts(ip)) return ip;
  }
  return nearest;
}

function addressOf(hop: string): string | undefined {
  const text = hop.trim();
  return text.length > 64 ? undefined : (canonicalIp(text) ?? canonicalIp(splitPort(text).host));
}

function isPrivate(ip: string): boolean {
  const known = networkClass(ip);
  return known === 'private' || known === 'loopback' || known === 'link_local';
}

function isSocket({ values }: LogEvent): boolean {
  const address = values[ADDRESS];
  return typeof address === 'string' && address.startsWith('unix:');
}
