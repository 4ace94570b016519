import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EntryPacket } from './entry-packet.js';
import { readEntries } from './read-entries.js';

type Put = readonly [key: string, value: readonly number[] | undefined];

const contents = (packet: Uint8Array): Put[] =>
  [...readEntries(packet)].map(({ key, removes, bytes, from, to }): Put => [key, removes ? undefined : [...bytes.subarray(from, to)]]);

function packed(puts: readonly Put[]): Buffer {
  const packet = new EntryPacket(16);
  for (const [key, value] of puts) {
    if (value) packet.put(key, Uint8Array.from(value));
    else packet.remove(key);
  }
  return Buffer.from(packet.bytes());
}

/** As the form was before packets had a mark. */
function firstVersion(puts: readonly Put[]): Buffer {
  const parts = puts.map(([key, value]) => {
    const isNarrow = [...Array(key.length).keys()].every((at) => key.charCodeAt(at) < 256);
    const text = Buffer.from(key, isNarrow ? 'latin1' : 'utf16le');
    const head = Buffer.alloc(8);
    head.writeUInt32LE((isNarrow ? text.length : text.length + 0x80000000) >>> 0, 0);
    head.writeUInt32LE(value ? value.length : 0xffffffff, 4);
    return Buffer.concat([head, text, Buffer.from(value ?? [])]);
  });
  return Buffer.concat(parts);
}

const keys = fc.oneof(
  fc.tuple(fc.constantFrom('burst/k/', 'burst/', 'count/keys/'), fc.ipV4()).map(([rule, address]) => `${rule}${address}`),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom('', '\u0000', 'é', 'éé', '漢字', '漢学', '\ud800', '\ud800\udc00', '\udc00\ud800', '__proto__', 'x'.repeat(300)),
);
const values = fc.array(fc.nat(255), { maxLength: 90 });
/** As windows write them: what ends the key, with its length, begins the value. */
const repeating = fc.tuple(keys, fc.nat(70), values).map(([key, size, more]): Put => {
  const text = key.slice(Math.max(0, key.length - size));
  return [key, [text.length * 2, ...Buffer.from(text, 'latin1'), ...more].map((byte) => byte & 255)];
});
const puts = fc.array(fc.oneof(repeating, fc.tuple(keys, fc.option(values, { nil: undefined }))), { maxLength: 40 });

describe('packets of entries', () => {
  it('give what was put, in its order, whatever keys and values are', () => {
    fc.assert(fc.property(puts, (all) => void expect(contents(packed(all))).toEqual(all)));
  });

  it('take entries of other packets', () => {
    fc.assert(
      fc.property(puts, (all) => {
        const kept = all.filter(([, value]) => value);
        const copied = new EntryPacket();
        for (const entry of readEntries(packed(kept))) copied.copy(entry);
        expect(contents(copied.bytes())).toEqual(kept);
      }),
    );
  });

  it('are read in the form that had no mark', () => {
    fc.assert(fc.property(puts, (all) => void expect(contents(firstVersion(all))).toEqual(all)));
  });

  it('hold no letter twice of keys that come together, nor of a value that begins with the end of its key', () => {
    const all = Array.from({ length: 100 }, (_, at): Put => {
      const text = `203.0.113.${at}`;
      return [`login_burst/k/${text}`, [text.length * 2, ...Buffer.from(text), 1, 2, 3, 4]];
    });
    expect(firstVersion(all).length).toBe(5080);
    expect(packed(all).length).toBe(937);
    expect(contents(packed(all))).toEqual(all);
  });

  it('are refused where a later release wrote them', () => {
    const later = packed([['a', [1]]]);
    later[3] = 3;
    expect(() => contents(later)).toThrow('of a version that this release does not know (3; known are 1 and 2)');
  });

  it('that were cut off are refused or end between two entries', () => {
    const all: Put[] = [['a/203.0.113.7', [22, ...Buffer.from('203.0.113.7'), 9]], ['a/203.0.113.8', [1, 2, 3]], ['漢字', undefined]]; // prettier-ignore
    const whole = packed(all);
    let refused = 0;
    for (let size = 0; size < whole.length; size++) {
      try {
        const found = contents(whole.subarray(0, size));
        expect(found).toEqual(all.slice(0, found.length));
      } catch (error) {
        expect((error as Error).message).toMatch(/damaged|out of range|outside buffer bounds/);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(whole.length - 6);
  });
});
