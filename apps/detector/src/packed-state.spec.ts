import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StateWriter } from '#detection';
import { PackedState, type PackedChange, type PacketPlace } from './packed-state.js';

/** What a compacted topic holds. */
class Saved {
  readonly entries = new Map<string, Uint8Array>();
  place: PacketPlace | undefined;

  take({ place, write }: PackedChange): void {
    write({ put: (key, value) => this.entries.set(key, Uint8Array.from(value)), remove: (key) => this.entries.delete(key) });
    this.place = place;
  }

  read(): Record<string, number> {
    const found: Record<string, number> = {};
    for (const [key, { bytes, from }] of new PackedState(this.place).read(this.entries)) found[key] = bytes[from]!;
    return found;
  }
}

const put = (into: StateWriter, entries: Record<string, number>): void => {
  for (const [key, value] of Object.entries(entries)) into.put(key, Uint8Array.of(value));
};

describe('packed state', () => {
  it('reads what was put last, without what was removed', () => {
    const saved = new Saved();
    const state = new PackedState(undefined);
    saved.take(state.change((into) => put(into, { a: 1, b: 2, c: 3 }), false));
    saved.take(
      state.change((into) => {
        put(into, { a: 4 });
        into.remove('b');
      }, false),
    );
    expect(saved.read()).toEqual({ a: 4, c: 3 });
    expect(saved.entries.size).toBe(2);
  });

  it('removes what was written before a round when the round has ended', () => {
    const saved = new Saved();
    const state = new PackedState(undefined);
    saved.take(state.change((into) => put(into, { a: 1, b: 2 }), true));
    saved.take(state.change((into) => put(into, { a: 3 }), false));
    expect(saved.entries.size).toBe(2);
    saved.take(state.change((into) => put(into, { b: 2 }), true));
    expect(saved.entries.size).toBe(2);
    expect(saved.read()).toEqual({ a: 3, b: 2 });
  });

  it('forgets what was before when everything is put at once', () => {
    const saved = new Saved();
    const state = new PackedState(undefined);
    saved.take(state.change((into) => put(into, { a: 1, b: 2 }), false));
    saved.take(state.change((into) => put(into, { a: 2 }), true));
    saved.take(state.all((into) => put(into, { b: 3, c: 4 })));
    expect([saved.read(), saved.entries.size]).toEqual([{ b: 3, c: 4 }, 1]);
  });

  it('asks for half as many unchanged entries as changed', () => {
    const state = new PackedState(undefined);
    state.change((into) => put(into, { a: 1, b: 2 }), false);
    expect(state.again).toBe(1);
    state.change((into) => put(into, { c: 1, d: 2, e: 3, f: 4, a: 1 }), false);
    expect(state.again).toBe(2);
  });

  it('cuts what is long into several packets', () => {
    const saved = new Saved();
    const state = new PackedState(undefined);
    saved.take(
      state.change((into) => {
        for (let at = 0; at < 8; at++) into.put(`k${at}`, new Uint8Array(100_000).fill(at));
      }, false),
    );
    expect(saved.entries.size).toBe(3);
    expect(Object.keys(saved.read())).toHaveLength(8);
  });

  it('is what it was written from after any changes, rounds and restarts', () => {
    const change = fc.record({
      puts: fc.dictionary(fc.constantFrom(...'abcdefgh'), fc.nat(255)),
      removes: fc.array(fc.constantFrom(...'abcdefgh'), { maxLength: 3 }),
      restart: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const saved = new Saved();
        const truth = new Map<string, number>();
        let state = new PackedState(undefined);
        let left: string[] = [];
        for (const { puts, removes, restart } of changes) {
          if (restart) {
            state = new PackedState(saved.place);
            left = [...truth.keys()];
          }
          const again = left.splice(0, state.again).filter((key) => truth.has(key) && !(key in puts) && !removes.includes(key));
          const round = left.length === 0;
          saved.take(
            state.change((into) => {
              put(into, puts);
              for (const key of again) put(into, { [key]: truth.get(key)! });
              for (const key of removes) into.remove(key);
            }, round),
          );
          for (const [key, value] of Object.entries(puts)) truth.set(key, value);
          for (const key of removes) truth.delete(key);
          if (round) left = [...truth.keys()];
          expect(saved.read()).toEqual(Object.fromEntries(truth));
        }
      }),
    );
  });
});
