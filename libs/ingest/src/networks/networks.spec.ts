import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePrefix, type Prefix } from './prefix.js';
import { buildPrefixTable } from './prefix-table.js';

const table = (...texts: string[]): ReturnType<typeof buildPrefixTable> => buildPrefixTable(texts.map((text) => parsePrefix(text)!));

describe('prefixes', () => {
  it.each(['10.0.0.0/8', '203.0.113.7', '2001:db8::/32', '::/0', '0.0.0.0/0', '::ffff:10.0.0.1'])('are read: %s', (text) => {
    expect(parsePrefix(text)).toBeDefined();
  });
  it.each(['10.0.0.0/33', '10.0.0/8', 'x', '', '10.0.0.1/', '::1/129', '010.0.0.1', '1.2.3.4/8/9', '::1/-1'])('are refused: %s', (text) => {
    expect(parsePrefix(text)).toBeUndefined();
  });
});

describe('the prefix table', () => {
  it('finds the narrowest entry, and the next around it where that is not taken', () => {
    const found = table('10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '2001:db8::/32', '10.9.0.0/16');
    expect(found.find('10.1.2.3')).toBe(2);
    expect(found.find('10.1.2.3', (entry) => entry !== 2)).toBe(1);
    expect(found.find('10.200.0.1')).toBe(0);
    expect(found.find('10.255.255.255')).toBe(0);
    expect(found.find('11.0.0.0')).toBe(-1);
    expect(found.find('2001:db8:ffff::1')).toBe(3);
    expect(found.find('2001:db9::')).toBe(-1);
    expect(found.find('nonsense')).toBe(-1);
  });

  it('gives the first of equal prefixes', () => {
    expect(table('10.0.0.0/8', '10.0.0.0/8').find('10.0.0.1')).toBe(0);
  });

  it('agrees with a look at every prefix', () => {
    const address = fc.integer({ min: 0, max: 0xffff }).map((low) => `10.0.${low >> 8}.${low & 255}`);
    const prefix = fc.tuple(address, fc.integer({ min: 8, max: 32 })).map(([ip, bits]) => `${ip}/${bits}`);
    fc.assert(
      fc.property(fc.array(prefix, { maxLength: 40 }), fc.array(address, { minLength: 1, maxLength: 20 }), (prefixes, addresses) => {
        const read = prefixes.map((text) => parsePrefix(text)!);
        const found = buildPrefixTable(read);
        for (const ip of addresses) expect(found.find(ip)).toBe(narrowest(read, ip));
      }),
    );
  });

  it('agrees with a look at every prefix of both families, whatever is not accepted', () => {
    const digit = fc.integer({ min: 0, max: 3 });
    // Few different groups, so that prefixes often hold each other.
    const v6 = fc.array(digit, { minLength: 8, maxLength: 8 }).map((groups) => groups.join(':').replace(/:0:0:/, '::'));
    const v4 = fc.tuple(digit, digit, digit, digit).map((octets) => octets.join('.'));
    const address = fc.oneof(v6, v4);
    const prefix = fc.oneof(
      fc.tuple(v6, fc.integer({ min: 0, max: 128 })).map(([ip, bits]) => `${ip}/${bits}`),
      fc.tuple(v4, fc.integer({ min: 0, max: 32 })).map(([ip, bits]) => `${ip}/${bits}`),
      address,
    );
    fc.assert(
      fc.property(
        fc.array(prefix, { maxLength: 40 }),
        fc.array(address, { minLength: 1, maxLength: 20 }),
        fc.func(fc.boolean()),
        (prefixes, addresses, accepts) => {
          const read = prefixes.map((text) => parsePrefix(text)!);
          const found = buildPrefixTable(read);
          for (const ip of addresses) {
            expect(found.find(ip)).toBe(mostSpecific(read, ip, () => true));
            expect(found.find(ip, accepts)).toBe(mostSpecific(read, ip, accepts));
          }
        },
      ),
    );
  });
});

/** One number for an address of either family. */
function whole(words: readonly number[]): bigint {
  return words.reduce((number, word) => (number << 32n) | BigInt(word), 0n);
}

function mostSpecific(prefixes: readonly Prefix[], ip: string, accepts: (entry: number) => boolean): number {
  const { first: words } = parsePrefix(ip)!;
  const at = whole(words);
  const holding = prefixes.flatMap(({ first, last }, entry) =>
    first.length === words.length && whole(first) <= at && at <= whole(last) && accepts(entry)
      ? [{ entry, width: whole(last) - whole(first) }]
      : [],
  );
  return holding.sort((a, b) => (a.width < b.width ? -1 : a.width > b.width ? 1 : a.entry - b.entry))[0]?.entry ?? -1;
}

function narrowest(prefixes: readonly Prefix[], ip: string): number {
  const [at] = parsePrefix(ip)!.first;
  let best = -1;
  let width = Infinity;
  prefixes.forEach(({ first, last }, nth) => {
    if (at! < first[0]! || at! > last[0]! || last[0]! - first[0]! >= width) return;
    best = nth;
    width = last[0]! - first[0]!;
  });
  return best;
}
