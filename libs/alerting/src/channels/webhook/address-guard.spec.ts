import { isIPv4 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guardedLookup, isLoopbackName, isPublicAddress, type Resolver } from './address-guard.js';

describe('the guard of outgoing addresses', () => {
  it('knows what is not the public Internet, in every notation', () => {
    const closed = [
      '0.0.0.0', '10.1.2.3', '100.64.0.1', '100.127.255.255', '127.0.0.1', '127.255.255.254', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.192',
      '192.168.1.1', '198.18.0.1', '203.0.113.7', '224.0.0.1', '239.255.255.250', '255.255.255.255', '168.63.129.16', '::', '::1', '::127.0.0.1', '::ffff:127.0.0.1',
      '::ffff:7f00:1', '::ffff:10.0.0.1', '::ffff:a9fe:a9fe', '0:0:0:0:0:ffff:192.168.0.1', '64:ff9b::7f00:1', '64:ff9b:1::1', '100::1', '2001::1', '2001:db8::1',
      '2002:7f00:1::1', '3fff::1', 'fc00::1', 'fd00:ec2::254', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', '5f00::1', 'localhost', '', '2130706433',
    ]; // prettier-ignore
    expect(closed.filter(isPublicAddress)).toEqual([]);
    const open = ['1.1.1.1', '8.8.8.8', '100.63.255.255', '100.128.0.0', '172.15.0.1', '172.32.0.1', '192.169.0.1', '223.255.255.255', '2606:4700:4700::1111', '2a00:1450::1', '::ffff:8.8.8.8', '::ffff:808:808']; // prettier-ignore
    expect(open.filter((address) => !isPublicAddress(address))).toEqual([]);
  });

  it('says the same of an IPv4 address and of its mapped forms', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        if (!isIPv4(address)) return;
        const [a, b, c, d] = address.split('.').map(Number) as [number, number, number, number];
        const hex = `::ffff:${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
        expect([isPublicAddress(`::ffff:${address}`), isPublicAddress(hex)]).toEqual([isPublicAddress(address), isPublicAddress(address)]);
      }),
    );
  });

  it('refuses a name if any of its addresses is closed', async () => {
    const names = (...addresses: string[]): Resolver => (_name, _options, done) => done(null, addresses.map((address) => ({ address, family: isIPv4(address) ? 4 : 6 }))); // prettier-ignore
    const look = (resolver: Resolver): Promise<unknown> =>
      new Promise((resolve) =>
        guardedLookup(resolver)('example.org', { all: true }, (error, addresses) => resolve(error ? error.message : addresses)),
      );
    expect(await look(names('1.1.1.1', '2606:4700::1'))).toEqual([{ address: '1.1.1.1', family: 4 }, { address: '2606:4700::1', family: 6 }]); // prettier-ignore
    expect(await look(names('1.1.1.1', '10.0.0.1'))).toBe('10.0.0.1 is not a public address');
    expect(await look(names('fd00::1'))).toBe('fd00::1 is not a public address');
  });

  it('knows the names of this machine', () => {
    expect(['localhost', '127.0.0.1', '127.9.9.9', '[::1]'].filter((name) => !isLoopbackName(name))).toEqual([]);
    expect(['localhost.example.org', '128.0.0.1', 'example.org', '[::2]'].filter(isLoopbackName)).toEqual([]);
  });
});
