import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRegex } from './linear-regex.js';
import { fold } from './pattern.js';
import { requiredLiterals } from './required-literals.js';

describe('literals that an expression requires', () => {
  it.each<[string, string, string[] | undefined]>([
    ['/ipfs\\.io/.+@', '', ['/ipfs.io/']],
    ['(?:cat|ls)\\s+/etc/passwd', '', ['/etc/passwd']],
    ['foo|ba(r|z)x?', '', ['foo', 'ba']],
    ['foo|.*', '', undefined],
    ['ab?c', '', ['a']],
    ['ab{0,3}cde', '', ['cde']],
    ['users', 'i', ['er']],
    ['(?i)ab/|xsy', '', ['ab/', 'x']],
    ['a(?i)abc', '', undefined],
    ['(?:ipfs\\.io/|cf-ipfs).+@', '', ['ipfs.io/', 'cf-ipfs']],
    ['(abc)?d', '', ['d']],
    ['a(bcd|)e', '', ['a']],
    ['a\\x41b', '', undefined],
    ['[abc]+', '', undefined],
  ])('of %s with flags "%s" are %j', (source, flags, expected) => {
    expect(requiredLiterals(source, flags)).toEqual(expected);
  });

  const part = fc.constantFrom('a', 'b', 's', 'k', '/', '\\.', '.', '[ab]', '[^a]', '(a|b)', '(?:ab)', 'a*', 'b?', 'a+', 'ab{0,2}', 'b{2}', '|', '^', '$', '\\d', '\\\\', '1', '(?:a[)]b)', '\\)'); // prettier-ignore
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'S', 'ſ', 'K', '\u212a', '/', '.', '\\', '1', ')', '\n'), maxLength: 10 });
  it('are in every text that it is found in', () => {
    let told = 0;
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 6 }),
        fc.constantFrom('', 'i', 's', 'im'),
        fc.array(text, { maxLength: 12 }),
        (parts, flags, texts) => {
          const source = parts.join('');
          const compiled = compileRegex(source, flags);
          if ('problem' in compiled) return;
          const literals = requiredLiterals(source, flags);
          if (!literals) return;
          for (const each of texts) {
            if (!compiled.regex.test(each)) continue;
            told++;
            expect({ source, flags, each, has: literals.some((literal) => fold(each).includes(fold(literal))) }).toMatchObject({
              has: true,
            });
          }
        },
      ),
      { numRuns: 4000 },
    );
    expect(told).toBeGreaterThan(200);
  });
});
