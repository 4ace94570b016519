import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** An address that the guard does not let us connect to. */
export class AddressRefused extends Error {
  readonly code = 'EADDRREFUSED';
  constructor(readonly address: string) {
    super(`${address} is not a public address`);
  }
}

/** What is not the public IPv4 Internet: IANA's special-purpose registry (RFC 6890), with multicast and the reserved block. */
const closedV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** Inside 2000::/3, the only block handed out; Teredo and 6to4 are closed since they can carry any IPv4 address. */
const closedV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
/** Cloud metadata that answers on an address which is public by its block. */
const metadata = ['168.63.129.16'];

const closed4 = listOf([...closedV4, ...metadata.map((address) => `${address}/32`)], 'ipv4');
const closed6 = listOf(closedV6, 'ipv6');
const global6 = listOf(['2000::/3'], 'ipv6');
const mapped6 = listOf(['::ffff:0:0/96'], 'ipv6');
const loopback = listOf(['127.0.0.0/8'], 'ipv4');

function listOf(blocks: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [address, bits] = block.split('/') as [string, string];
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/** Whether an IPv4 or IPv6 address, in any notation that `net` accepts, is on the public Internet. */
export function isPublicAddress(address: string): boolean {
  const bare = address.split('%')[0]!;
  const family = isIP(bare);
  if (family === 4) return !closed4.check(bare, 'ipv4');
  if (family !== 6) return false;
  if (mapped6.check(bare, 'ipv6')) {
    // `URL` writes ::ffff:127.0.0.1 as ::ffff:7f00:1; both are the IPv4 address.
    const dotted = mappedV4(bare);
    return dotted !== undefined && !closed4.check(dotted, 'ipv4');
  }
  return global6.check(bare, 'ipv6') && !closed6.check(bare, 'ipv6');
}

function mappedV4(address: string): string | undefined {
  const host = new URL(`http://[${address}]/`).hostname;
  const groups = /([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(host);
  if (!groups) return undefined;
  const [high, low] = [parseInt(groups[1]!, 16), parseInt(groups[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** Whether a URL's host names this machine without asking anybody. */
export function isLoopbackName(hostname: string): boolean {
  const bare = unbracketed(hostname);
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && loopback.check(bare, 'ipv4'));
}

export function unbracketed(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

/** Resolves names: `dns.lookup` with `all`. Tests hand in their own. */
export type Resolver = (hostname: string, options: { all: true }, done: (error: Error | null, addresses: LookupAddress[]) => void) => void;
const dnsResolver: Resolver = (hostname, options, done) => systemLookup(hostname, options, done);

/**
 * A `lookup` for `net.connect` that fails when any address of the name is not public. The socket connects to the very addresses that were checked, so a name that
 * answers differently the second time (DNS rebinding) gains nothing. `net` does not ask it for literal addresses: check those first.
 */
export function guardedLookup(resolve: Resolver = dnsResolver): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const bad = addresses.find(({ address }) => !isPublicAddress(address));
      if (bad) return callback(new AddressRefused(bad.address), '', 0);
      const wanted = options.family === 4 || options.family === 6 ? addresses.filter(({ family }) => family === options.family) : addresses;
      if (options.all) return callback(null, wanted);
      const [first] = wanted;
      if (!first) return callback(new AddressRefused(hostname), '', 0);
      callback(null, first.address, first.family);
    });
  };
}
