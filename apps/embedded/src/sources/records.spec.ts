import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxLineBytes } from '../input/blocks.js';
import { countRecords, cutRecords } from './records.js';

describe('records', () => {
  it('are as many as a split at newlines says', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a\n]{0,40}$/), (text) => {
        const lines = text.split('\n');
        if (lines.at(-1) === '') lines.pop();
        expect(countRecords(Buffer.from(text))).toBe(lines.length);
      }),
    );
  });

  it('keep every byte when a long text is cut', () => {
    const text = Buffer.from(Array.from({ length: 60_000 }, (_, i) => `${i} ${'x'.repeat(i % 97)}\n`).join('') + 'no newline at the end');
    const { pieces, count, cut } = cutRecords(text);
    expect(pieces.length).toBeGreaterThan(2);
    expect(Buffer.concat(pieces.map(({ payload }) => payload)).equals(text)).toBe(true);
    expect(pieces.slice(0, -1).every(({ payload }) => payload.at(-1) === 10)).toBe(true);
    expect({ count, cut }).toEqual({ count: 60_001, cut: 0 });
  });

  it('above the bound are cut to one byte more than is taken, and the rest of the line is left out', () => {
    const long = Buffer.alloc(3 * maxLineBytes, 120);
    const { pieces, count, cut } = cutRecords(Buffer.concat([Buffer.from('a\n'), long, Buffer.from('\nb\n'), long]));
    expect(pieces.map(({ payload }) => payload.length)).toEqual([2, maxLineBytes, 2, maxLineBytes]);
    expect({ count, cut }).toEqual({ count: 4, cut: 2 });
  });
});
