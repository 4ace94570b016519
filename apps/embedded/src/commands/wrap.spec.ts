import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wrap } from './wrap.js';

const plain = (text: string): string => text.replace(/\u001b\[[0-9;]*m/g, ''); // eslint-disable-line no-control-regex

describe('wrap', () => {
  it('indents what follows, and keeps evidence behind its bar', () => {
    expect(wrap(`  What to do: ${'see this '.repeat(8)}`, 44).split('\n')).toEqual([
      '  What to do: see this see this see this see',
      '    this see this see this see this see this',
    ]);
    expect(wrap(`    │ ${'ab '.repeat(20)}`.trimEnd(), 40).split('\n')).toEqual([
      '    │ ab ab ab ab ab ab ab ab ab ab ab',
      '    │   ab ab ab ab ab ab ab ab ab',
    ]);
  });

  it('lets colours take no room, and leaves lines that fit, pipes and narrow windows alone', () => {
    const line = `\u001b[1m${'x'.repeat(38)}\u001b[22m y`;
    expect(wrap(line, 40)).toBe(line);
    expect(wrap('a '.repeat(80), undefined)).toBe('a '.repeat(80));
    expect(wrap('a '.repeat(80), 20)).toBe('a '.repeat(80));
  });

  it('loses no word and is never wider than the terminal', () => {
    const words = fc.array(fc.stringMatching(/^[a-zäß/│-]{1,120}$/), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(words, fc.integer({ min: 0, max: 6 }), fc.integer({ min: 40, max: 120 }), (words, indent, columns) => {
        const wrapped = wrap(' '.repeat(indent) + words.join(' '), columns);
        for (const line of wrapped.split('\n')) expect([...plain(line)].length).toBeLessThanOrEqual(columns);
        expect(wrapped.replace(/[ \n│]/g, '')).toBe(words.join('').replace(/│/g, ''));
      }),
    );
  });
});
