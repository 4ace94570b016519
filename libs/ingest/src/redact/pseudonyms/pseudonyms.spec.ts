import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalIp } from '../../http/address.js';
import { addressPseudonyms } from './address-pseudonym.js';
import { ff1 } from './ff1.js';
import { userPseudonyms } from './user-pseudonym.js';

const key = Buffer.from('a key of the operator, 32 bytes!');
const other = Buffer.from('another key of the operator here');

describe('format-preserving encryption', () => {
  const aes = Buffer.from('2b7e151628aed2a6abf7158809cf4f3c', 'hex');

  it.each([
    ['', 2433477484n],
    ['39383736353433323130', 6124200773n],
  ])("agrees with NIST's samples of FF1, tweak %j", (tweak, expected) => {
    const cipher = ff1(aes, 10, 10);
    expect(cipher.encrypt(123456789n, Buffer.from(tweak, 'hex'))).toBe(expected);
    expect(cipher.decrypt(expected, Buffer.from(tweak, 'hex'))).toBe(123456789n);
  });
});

describe('pseudonyms of addresses', () => {
  const pseudonyms = addressPseudonyms(key);
  const address = fc
    .oneof(fc.ipV4(), fc.ipV6())
    .map((text) => canonicalIp(text))
    .filter((text) => text !== undefined);

  it('are addresses that nobody has, and can be revealed', () => {
    fc.assert(
      fc.property(address, (ip) => {
        const pseudonym = pseudonyms.of(ip);
        if (pseudonym === undefined) {
          expect(ip).toMatch(/^[4-9ab][0-9a-f]{3}:/);
          return;
        }
        expect(canonicalIp(pseudonym)).toBe(pseudonym);
        expect(pseudonym).toMatch(/^[4-9ab][0-9a-f]{3}:/);
        expect(pseudonyms.of(ip)).toBe(pseudonym);
        expect(pseudonyms.reveal(pseudonym)).toBe(ip);
      }),
    );
  });

  it('keep one /64 together and nothing more', () => {
    const net = (ip: string): string => ip.split(':').slice(0, 4).join(':');
    const [a, b, c] = ['2001:db8:0:1::1', '2001:db8:0:1::2', '2001:db8:0:2::1'].map((ip) => pseudonyms.of(ip)!);
    expect(net(a!)).toBe(net(b!));
    expect(net(a!)).not.toBe(net(c!));
    expect(net(pseudonyms.of('203.0.113.7')!).slice(0, 4)).not.toBe(net(pseudonyms.of('203.0.113.8')!).slice(0, 4));
    expect(pseudonyms.reveal(`${net(a!)}::/64`)).toBe('2001:db8:0:1::/64');
    expect(pseudonyms.reveal(`${net(pseudonyms.of('203.0.113.7')!)}::/64`)).toBe('203.0.113.7');
  });

  it('of another key say nothing', () => {
    expect(addressPseudonyms(other).reveal(pseudonyms.of('203.0.113.7')!)).not.toBe('203.0.113.7');
    expect(pseudonyms.reveal('203.0.113.7')).toBeUndefined();
    expect(pseudonyms.reveal('2001:db8::1')).toBeUndefined();
  });
});

describe('pseudonyms of users', () => {
  const pseudonyms = userPseudonyms(key);

  it('are the same for the same name, and can be revealed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), (name) => {
        const plain = name.isWellFormed() ? name : 'x';
        const pseudonym = pseudonyms.of(plain);
        expect(pseudonym).toMatch(/^u_[\w-]{32,}$/);
        expect(pseudonyms.of(plain)).toBe(pseudonym);
        expect(pseudonyms.reveal(pseudonym)).toBe(plain);
      }),
    );
  });

  it('refuse what this key did not make', () => {
    const pseudonym = pseudonyms.of('alice');
    expect(userPseudonyms(other).reveal(pseudonym)).toBeUndefined();
    for (const text of ['alice', 'u_alice', 'u_', `${pseudonym.slice(0, -1)}_`, 'u_'.padEnd(34, 'A')])
      expect(pseudonyms.reveal(text)).toBeUndefined();
  });

  it('of very long names only tell them apart', () => {
    const long = 'a'.repeat(100_000);
    expect(pseudonyms.of(long).length).toBe(18);
    expect(pseudonyms.of(long)).not.toBe(pseudonyms.of(`${long}b`));
    expect(pseudonyms.reveal(pseudonyms.of(long))).toBeUndefined();
  });
});
