import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlotRing } from './slot-ring.js';

const steps = fc.array(fc.record({ slot: fc.nat(150), act: fc.constantFrom('add', 'add', 'use', 'remove', 'take') }), { maxLength: 500 });

describe('a ring of slots', () => {
  it('knows how many there are, and takes out each once, none that was used since it was looked at', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const ring = new SlotRing();
        const there = new Set<number>();
        const used = new Set<number>();
        for (const { slot, act } of all) {
          if (act === 'add') {
            ring.add(slot);
            if (!there.has(slot)) used.delete(slot);
            there.add(slot);
          } else if (act === 'use' && there.has(slot)) {
            ring.use(slot);
            used.add(slot);
          } else if (act === 'remove') {
            ring.remove(slot);
            there.delete(slot);
          } else if (act === 'take') {
            const taken = ring.take();
            if (taken >= 0) {
              expect(there.delete(taken)).toBe(true);
              expect(used.has(taken)).toBe(false);
            }
          }
          expect(ring.size).toBe(there.size);
        }
        // Two rounds: one that finds out what is no longer used, one that takes it.
        for (let left = 2000; left > 0 && ring.size > 0; left--) there.delete(ring.take());
        expect([...there]).toEqual([]);
        expect(ring.size).toBe(0);
      }),
    );
  });

  it('takes out first what was left alone for longest', () => {
    const ring = new SlotRing();
    for (const slot of [5, 6, 7]) ring.add(slot);
    ring.use(5);
    expect([ring.take(), ring.take(), ring.take(), ring.take()]).toEqual([-1, 6, 7, 5]);
  });
});
