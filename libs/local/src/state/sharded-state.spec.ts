import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { StateWriter } from '#detection';
import { Committer } from './committer.js';
import { ShardedState, type StateChange } from './sharded-state.js';

const root = mkdtempSync(join(tmpdir(), 'gatewatch-sharded-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let directories = 0;

function changeOf(state: ShardedState, fill: (into: StateWriter) => void): StateChange {
  const change = state.change();
  fill(change.into);
  return change;
}

const contents = (state: ShardedState): [string, number[]][] =>
  [...state.entries()].map(([key, value]): [string, number[]] => [key, [...value]]).sort(([one], [other]) => (one < other ? -1 : 1));

const keys = fc.oneof(
  fc.integer({ min: 0, max: 40 }).map((number) => `windows/${number}`),
  fc.constantFrom('', '\u0000', 'é', '漢字', '\ud800', '\udc00\ud800', '__proto__', 'x'.repeat(5000)),
);
const values = fc.option(fc.uint8Array({ maxLength: 600 }), { nil: undefined, freq: 4 });

describe('state in shards', () => {
  it('is what a map would hold, whatever is put, removed and opened again', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ entries: fc.array(fc.tuple(keys, values), { maxLength: 30 }), reopen: fc.boolean() }), { maxLength: 12 }),
        async (changes) => {
          const dir = join(root, `${directories++}`);
          let committer = new Committer(dir, { reserveBytes: 0 });
          let state = new ShardedState(committer);
          const model = new Map<string, number[]>();
          for (const { entries, reopen } of changes) {
            await committer.commit(
              changeOf(state, (into) => {
                for (const [key, value] of entries) {
                  if (value) into.put(key, value);
                  else into.remove(key);
                  if (value) model.set(key, [...value]);
                  else model.delete(key);
                }
              }),
            );
            if (reopen) {
              await committer.close();
              committer = new Committer(dir, { reserveBytes: 0 });
              state = new ShardedState(committer);
            }
            expect(contents(state)).toEqual([...model].sort(([one], [other]) => (one < other ? -1 : 1)));
          }
          await committer.close();
        },
      ),
      { numRuns: 25 },
    );
  });

  it('puts together what grew, so that disk does not grow with the number of changes', async () => {
    const dir = join(root, `${directories++}`);
    const committer = new Committer(dir, { reserveBytes: 0 });
    const state = new ShardedState(committer);
    const packets = committer.database<Buffer, [number, number]>('task.packets', 'binary');
    const bytes = (): number => [...packets.getRange({})].reduce((sum, { value }) => sum + value.length, 0);
    const value = new Uint8Array(100);
    for (let change = 0; change < 400; change++) {
      value.fill(change % 251);
      await committer.commit(
        changeOf(state, (into) => {
          for (let key = 0; key < 50; key++) into.put(`key ${key}`, value);
        }),
      );
    }
    // Fifty keys of 100 bytes lie in as many shards at most, each below 64 packets.
    expect(bytes()).toBeLessThan(50 * 65 * 120);
    expect(contents(state).map(([, held]) => held[0])).toEqual(Array.from({ length: 50 }, () => 399 % 251));
    await committer.commit(
      changeOf(state, (into) => {
        for (let key = 0; key < 50; key++) into.remove(`key ${key}`);
      }),
    );
    expect(contents(state)).toEqual([]);
    await committer.close();
  });

  it('keeps nothing of a change that was not committed', async () => {
    const committer = new Committer(join(root, `${directories++}`), { reserveBytes: 0 });
    const state = new ShardedState(committer);
    await committer.commit(changeOf(state, (into) => into.put('a', Buffer.of(1))));
    const change = changeOf(state, (into) => into.put('a', Buffer.of(2)));
    const refused = committer.commit({
      write: () => {
        change.write();
        throw new Error('no room');
      },
      done: () => change.done(),
    });
    await expect(refused).rejects.toThrow();
    expect(contents(state)).toEqual([['a', [1]]]);
    await committer.close();
  });
});
