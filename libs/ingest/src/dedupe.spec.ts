import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildDedupe } from './dedupe.js';

function saved(): { entries: Map<string, Uint8Array>; put(key: string, value: Uint8Array): void; remove(key: string): void; puts: number } {
  const entries = new Map<string, Uint8Array>();
  return {
    entries,
    puts: 0,
    put(key, value) {
      this.puts++;
      entries.set(key, value);
    },
    remove: (key) => void entries.delete(key),
  };
}

describe('the dedupe horizon', () => {
  it('answers the same after a save and a restore at any point', () => {
    const steps = fc.array(fc.tuple(fc.nat(40), fc.nat(2000)), { maxLength: 200 });
    fc.assert(
      fc.property(steps, fc.nat(200), (all, cut) => {
        const settings = { maxIds: 24, horizon: 20_000 };
        const undisturbed = buildDedupe(settings);
        let restarted = buildDedupe(settings);
        const store = saved();
        let arrival = 0;
        all.forEach(([id, later], i) => {
          arrival += later;
          if (i % 7 === 0) restarted.save(store);
          if (i === cut) {
            restarted.save(store);
            restarted = buildDedupe(settings);
            restarted.restore(store.entries);
          }
          expect(restarted.seen(`id${id}`, arrival)).toBe(undisturbed.seen(`id${id}`, arrival));
        });
        expect(undisturbed.size).toBeLessThanOrEqual(24);
      }),
    );
  });

  it('forgets by arrival and by count', () => {
    const dedupe = buildDedupe({ maxIds: 8, horizon: 1000 });
    expect(dedupe.seen('a', 0)).toBe(false);
    expect(dedupe.seen('a', 900)).toBe(true);
    expect(dedupe.seen('a', 1001)).toBe(false);
    for (let i = 0; i < 8; i++) dedupe.seen(`b${i}`, 1002);
    expect(dedupe.seen('a', 1003)).toBe(false);
  });

  it('writes only what changed', () => {
    const dedupe = buildDedupe();
    const store = saved();
    for (let i = 0; i < 5000; i++) dedupe.seen(`id${i}`, i);
    dedupe.save(store);
    expect([...store.entries.keys()]).toEqual(['dedupe/000000000000', 'dedupe/000000000001']);
    dedupe.seen('one more', 5000);
    store.puts = 0;
    dedupe.save(store);
    dedupe.save(store);
    expect(store.puts).toBe(1);
  });
});
