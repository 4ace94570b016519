import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Random } from './random.js';

it('gives the same numbers for the same seed', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const [one, other] = [new Random(seed), new Random(seed)];
      for (let i = 0; i < 20; i++) expect(one.bits()).toBe(other.bits());
    }),
  );
});

it('stays within its limits and reaches both ends', () => {
  const random = new Random(7);
  const seen = new Set(Array.from({ length: 2000 }, () => random.between(3, 12)));
  expect([...seen].sort((a, b) => a - b)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

it('spreads evenly', () => {
  const random = new Random(1);
  const buckets = new Array<number>(16).fill(0);
  for (let i = 0; i < 160_000; i++) buckets[random.int(16)]!++;
  for (const count of buckets) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});
