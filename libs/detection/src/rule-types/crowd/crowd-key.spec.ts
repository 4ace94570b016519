import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../window/bytes.js';
import { CrowdKey } from './crowd-key.js';

const step = fc.record({
  value: fc.integer({ min: 0, max: 9 }),
  ahead: fc.integer({ min: 0, max: 3 }),
  moves: fc.boolean(),
  saved: fc.boolean(),
});

it('answers as a list of all sightings does, with no more than it needs of them', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }), (steps, most, back) => {
      let key = new CrowdKey(most, 1);
      const all: [number, number][] = [];
      // The cell in which the watermark is.
      let now = 100;
      for (const { value, ahead, moves, saved } of steps) {
        if (moves) now++;
        key.add(value, now + ahead);
        all.push([value, now + ahead]);
        key.settle(now - 1);
        if (saved) key = again(key, most);
        for (const cell of [now, now + 1, now + 2, now + 3]) {
          const [from, to] = [cell - 1 - back, cell - 2];
          const values = new Set(all.flatMap(([one, at]) => (from <= at && at <= to ? [one] : [])));
          expect(key.reaches(from, to)).toBe(values.size >= most);
        }
        expect(key.size).toBeLessThanOrEqual(most * 7);
      }
    }),
    { numRuns: 500 },
  );
});

function again(key: CrowdKey, most: number): CrowdKey {
  const writer = new ByteWriter();
  key.write(writer);
  const read = new CrowdKey(most, 1);
  read.read(new ByteReader(writer.take()));
  return read;
}
