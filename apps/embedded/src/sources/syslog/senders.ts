import { BlockList, isIP } from 'node:net';

/** Whether an address may send. */
export type Admits = (address: string | undefined) => boolean;

/** Addresses and networks as one question. Without a list everybody may. */
export function admits(allow: readonly string[] | undefined): Admits {
  if (!allow) return () => true;
  const list = new BlockList();
  for (const each of allow) {
    const [address = '', bits] = each.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address = '') => {
    // A socket of both families shows IPv4 addresses within IPv6.
    const plain = address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
    const family = isIP(plain);
    return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
  };
}
