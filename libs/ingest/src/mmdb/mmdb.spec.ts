import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MmdbDecoder } from './decode.js';
import { openMmdb } from './mmdb.js';
import { writeMmdb } from './write-mmdb.js';

const folder = new URL('../../../../../shared/data/enrich/mmdb/', import.meta.url);

describe('a MaxMind DB', () => {
  it.each([24, 28, 32] as const)('with records of %i bits gives the record of the network that holds an address', (bits) => {
    const database = openMmdb(
      writeMmdb(bits, { '81.2.69.0/24': { name: 'a' }, '2001:db8::/33': { name: 'b', list: [1, true] }, '10.0.0.0/8': { n: 7 } }),
    );
    expect(database.type).toBe('Test');
    expect(database.built).toBe(1_768_000_000_000);
    expect(database.find('81.2.69.142')).toEqual({ name: 'a' });
    expect(database.find('2001:db8::1')).toEqual({ name: 'b', list: [1, true] });
    expect(database.find('10.255.255.255')).toEqual({ n: 7 });
    for (const ip of ['81.2.70.0', '2001:db8:8000::', '9.255.255.255', 'x', '']) expect(database.find(ip)).toBeUndefined();
  });

  it('that is none, or is cut, is refused and never read beyond its end', () => {
    expect(() => openMmdb(Buffer.from('nothing'))).toThrow(/metadata/);
    const whole = writeMmdb(28, { '10.0.0.0/8': { n: 7 }, '192.0.2.0/24': { name: 'x' } });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const broken = Buffer.from(whole);
        broken[at] = byte;
        try {
          const found = openMmdb(broken).find('10.0.0.1');
          expect(['undefined', 'object', 'string', 'number', 'boolean']).toContain(typeof found);
        } catch (error) {
          expect(String(error)).toMatch(/no whole MaxMind DB|out of range/);
        }
      }),
    );
  });

  it('whose pointers lead to ever more of the same is not followed without end', () => {
    // Ten lists, each of ten pointers to the one before it: 10^10 values in some 200 bytes.
    const lists = Array.from({ length: 10 }, (_, nth) =>
      Buffer.from([10, 4, ...Array.from({ length: 10 }, () => [0x20, nth * 22]).flat()]),
    );
    const bytes = Buffer.concat([Buffer.from([0x40, ...Array.from({ length: 21 }, () => 0)]), ...lists]);
    expect(() => new MmdbDecoder(bytes, 0).read(10 * 22)).toThrow(/holds too much/);
  });

  it.runIf(existsSync(folder))('of MaxMind is read', () => {
    const open = (name: string): ReturnType<typeof openMmdb> => openMmdb(readFileSync(new URL(name, folder)));
    const city = open('GeoLite2-City-Test.mmdb');
    expect(city.find('81.2.69.142')).toMatchObject({
      city: { names: { en: 'London' } },
      country: { iso_code: 'GB' },
      location: { accuracy_radius: 10 },
    });
    expect(city.find('2001:218::1')).toMatchObject({ country: { iso_code: 'JP' } });
    expect(open('GeoLite2-ASN-Test.mmdb').find('1.128.0.0')).toMatchObject({ autonomous_system_number: 1221 });
    expect(open('GeoIP2-Anonymous-IP-Test.mmdb').find('1.2.0.0')).toMatchObject({ is_anonymous_vpn: true });
  });
});
