import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueWheel } from './due-wheel.js';

const name = (slot: number): string => String(slot).padStart(4, '0');

describe('the wheel of idle keys', () => {
  it('hands over what is due at the latest one bucket later, never early, each slot once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 60 }), fc.integer({ min: 1, max: 900 }), (dues, width) => {
        const wheel = new DueWheel(width, name);
        dues.forEach((due, slot) => wheel.push(due, slot));
        const seen: number[] = [];
        for (let watermark = 0; watermark <= 7000; watermark += 333) {
          wheel.take(watermark, (slot) => {
            expect(dues[slot]!).toBeLessThan(watermark);
            seen.push(slot);
            return -1;
          });
          const overdue = dues.filter((due, slot) => due + width < watermark && !seen.includes(slot));
          expect(overdue).toEqual([]);
        }
        expect(seen.sort((a, b) => a - b)).toEqual(dues.map((_, slot) => slot));
        expect(wheel.next).toBe(Infinity);
      }),
    );
  });

  it('gives up the oldest first, however it was filled', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 40 }), (dues) => {
        const wheel = new DueWheel(100, name);
        dues.forEach((due, slot) => wheel.push(due, slot));
        const order = dues.map(() => wheel.popOldest((slot) => dues[slot]!));
        expect(order.map((slot) => dues[slot]!)).toEqual([...dues].sort((a, b) => a - b));
      }),
    );
  });

  it('gives up in the order of time and name, whatever is pushed, put off or refilled in between', () => {
    const step = fc.record({
      due: fc.integer({ min: 0, max: 3000 }),
      later: fc.integer({ min: 0, max: 900 }),
      pop: fc.boolean(),
      refill: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let wheel = new DueWheel(100, name);
        const actual = new Map<number, number>();
        const oldest = (): number | undefined => [...actual].sort(([a, x], [b, y]) => x - y || (name(a) < name(b) ? -1 : 1))[0]?.[0];
        const pop = (): void => {
          const expected = oldest();
          if (expected === undefined) return;
          expect(wheel.popOldest((slot) => actual.get(slot)!)).toBe(expected);
          actual.delete(expected);
        };
        steps.forEach(({ due, later, pop: pops, refill }, slot) => {
          wheel.push(due, slot);
          actual.set(slot, due + later);
          if (pops) pop();
          if (!refill) return;
          wheel = new DueWheel(100, name);
          for (const [each, at] of actual) wheel.push(at, each);
        });
        while (actual.size > 0) pop();
      }),
    );
  });

  it('hands over everything at the end of the log', () => {
    const wheel = new DueWheel(1000, name);
    wheel.push(5, 1);
    wheel.push(50_000, 2);
    const seen: number[] = [];
    wheel.take(Infinity, (slot) => (seen.push(slot), -1));
    expect(seen).toEqual([1, 2]);
  });
});
