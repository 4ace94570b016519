import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteShelf } from './byte-shelf.js';

const sizes = fc.oneof(fc.nat(40), fc.constantFrom(0, 7, 8, 9, 4095, 4096, 4097));
const steps = fc.array(fc.record({ number: fc.nat(90), size: sizes, byte: fc.nat(255), drops: fc.boolean() }), { maxLength: 400 });

describe('a shelf of bytes', () => {
  it('holds what was put last for each number, over chunks and room that is used again', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const shelf = new ByteShelf();
        const known = new Map<number, Uint8Array>();
        for (const { number, size, byte, drops } of all) {
          if (drops) {
            shelf.drop(number);
            known.delete(number);
          } else {
            const bytes = new Uint8Array(size).fill(byte);
            expect(shelf.put(number, bytes)).toBe(size <= 4096);
            if (size <= 4096) known.set(number, bytes);
          }
        }
        for (let number = 0; number <= 90; number++) {
          const bytes = shelf.get(number);
          expect(shelf.has(number)).toBe(known.has(number));
          expect(bytes && Uint8Array.from(bytes)).toEqual(known.get(number));
        }
      }),
    );
  });

  it('keeps what it has where something longer than it takes was offered', () => {
    const shelf = new ByteShelf();
    shelf.put(3, Uint8Array.of(1, 2));
    expect(shelf.put(3, new Uint8Array(4097))).toBe(false);
    expect(Uint8Array.from(shelf.get(3)!)).toEqual(Uint8Array.of(1, 2));
  });
});
