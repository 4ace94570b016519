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

  it('forgets and gives up the same slots as a plain list would, whatever was touched late and wherever it was rebuilt by a restart', () => {
    const step = fc.oneof(
      fc.record({ does: fc.constant('seen' as const), at: fc.integer({ min: 0, max: 900 }) }),
      fc.record({ does: fc.constant('touched' as const), at: fc.nat(30), by: fc.nat(400) }),
      fc.record({ does: fc.constant('passed' as const), by: fc.nat(250) }),
      fc.record({ does: fc.constant('givenUp' as const) }),
      fc.record({ does: fc.constant('restarted' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 300 }), (steps, width) => {
        const oracle = new Map<number, number>();
        let wheel = new DueWheel(width, name);
        let watermark = 0;
        for (const [slot, step] of steps.entries())
          if (step.does === 'seen') {
            oracle.set(slot, watermark + step.at);
            wheel.push(watermark + step.at, slot);
          } else if (step.does === 'touched') {
            const known = [...oracle.keys()][step.at];
            if (known !== undefined) oracle.set(known, oracle.get(known)! + step.by);
          } else if (step.does === 'passed') {
            watermark += step.by;
            if (wheel.next < watermark)
              wheel.take(watermark, (known, end) => (oracle.get(known)! < end ? (oracle.delete(known), -1) : oracle.get(known)!));
            expect([...oracle.values()].filter((due) => (Math.floor(due / width) + 1) * width < watermark)).toEqual([]);
          } else if (step.does === 'givenUp' && oracle.size > 0) {
            const [oldest] = [...oracle.keys()].sort((a, b) => oracle.get(a)! - oracle.get(b)! || (name(a) < name(b) ? -1 : 1));
            expect(wheel.popOldest((known) => oracle.get(known)!)).toBe(oldest);
            oracle.delete(oldest!);
          } else if (step.does === 'restarted') {
            wheel = new DueWheel(width, name);
            for (const [known, due] of [...oracle].reverse()) wheel.push(due, known);
          }
      }),
      { numRuns: 500 },
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
