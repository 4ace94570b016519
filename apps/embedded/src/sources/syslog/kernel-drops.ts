import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';

/** Datagrams that the kernel dropped since a socket was opened because its buffer was full; `undefined` where the system does not tell (not Linux). */
export function kernelDrops({ address, port, family }: AddressInfo): number | undefined {
  const six = family === 'IPv6';
  try {
    return dropsIn(readFileSync(six ? '/proc/net/udp6' : '/proc/net/udp', 'latin1'), `${hexAddress(address, six)}:${hexPort(port)}`);
  } catch {
    // No such file on other systems: then there is nothing to see.
    return undefined;
  }
}

/** The last column of the socket's line, by its local address as the kernel writes it. */
export function dropsIn(table: string, local: string): number | undefined {
  for (const line of table.split('\n')) {
    const columns = line.trim().split(/\s+/);
    if (columns[1] === local) return Number(columns[columns.length - 1]);
  }
  return undefined;
}

function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

/** Words of 32 bits in the machine's own order, which is little-endian wherever Node runs today. */
export function hexAddress(address: string, six: boolean): string {
  const bytes = six ? bytesOfIpv6(address) : address.split('.').map(Number);
  let text = '';
  for (let word = 0; word < bytes.length; word += 4)
    for (let at = word + 3; at >= word; at--) text += bytes[at]!.toString(16).toUpperCase().padStart(2, '0');
  return text;
}

function bytesOfIpv6(address: string): number[] {
  const [head = '', tail] = address.split('%', 1)[0]!.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const [left, right] = [groups(head), tail === undefined ? [] : groups(tail)];
  const all = [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right];
  return all.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]);
}
