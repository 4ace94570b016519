import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostile } from '#testkit';
import { defanged, quiet, visible } from './visible.js';

const acting = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\r', '\n', '\u202e', '\u0301', '\ud800', '😀', 'a', '\u001b') }),
);

describe('text from outside', () => {
  it('never contains a character that acts, and never more than the limit', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 40 }), (text, limit) => {
        for (const safe of [visible(text, limit), quiet(text, limit)]) {
          expect(safe).not.toMatch(acting);
          expect(safe.length).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  it('shows what was there', () => {
    expect(visible('a\tb\r\n\u001b[31m\u202e\u{e0041}', 100)).toBe('a\\tb\\r\\n\\x1b[31m\\u202e\\u{e0041}');
    expect(quiet('a\r\nBcc: x\u202e', 100)).toBe('a Bcc: x');
  });

  it('keeps ordinary text of every script as it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'é', 'ß', 'م', '漢', '😀', '%', ' ') }),
        (text) => void expect(visible(text, 1000)).toBe(text),
      ),
    );
  });

  it('cuts piles of combining marks and long text, and says so', () => {
    expect(visible(`a${'\u0301'.repeat(50)}`, 100)).toBe(`a${'\u0301'.repeat(3)}`);
    expect(visible('x'.repeat(100_000), 10)).toBe('xxxxxxxxx…');
    expect(visible('abc😀', 5)).toBe('abc😀');
    expect(visible('abc😀def', 5)).toBe('abc…');
  });

  it('does not let a mail program make links of it', () => {
    expect(defanged(hostile)).not.toMatch(/https?:\/\/|www\./i);
    expect(defanged('GET HTTPS://evil.example www.evil.example HTTP/1.1')).toBe('GET HxxPS://evil.example www[.]evil.example HTTP/1.1');
  });
});
