import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toDocument } from '#ecs';
import { batchOf, ingestFor } from '../spec-kit.js';
import { formatNames } from './format-names.js';

const lines = formatNames.flatMap((format) => {
  const folder = new URL(`./${format}/fixtures/`, import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .flatMap((name) => readFileSync(new URL(name, folder), 'utf8').split('\n').filter(Boolean));
});
const formats = ['auto', ...formatNames] as const;
const ingests = formats.map((format) => ({ format, ingest: ingestFor({ format, timeZone: 'UTC' }, { eager: 'all', keepOriginal: true }) }));

/** Each record has one outcome, and an event can be written. */
function check(text: string | Uint8Array): void {
  const batch = batchOf(text);
  for (const { format, ingest } of ingests) {
    const { events, deadLetters, duplicates, blank } = ingest.ingest(batch);
    const blanks = Object.values(blank).reduce((sum, count) => sum + count, 0);
    expect(events.length + deadLetters.length + duplicates.length + blanks, format).toBe(batch.count);
    for (const event of events) {
      expect(Number.isFinite(event.time) && Number.isFinite(event.stamp), format).toBe(true);
      expect(() => JSON.stringify(toDocument(event))).not.toThrow();
    }
  }
}

/** A real line with a stretch taken out, doubled, or replaced by a piece of another or by odd characters. */
const mutated = fc
  .record({
    line: fc.constantFrom(...lines),
    other: fc.constantFrom(...lines),
    at: fc.nat(400),
    length: fc.nat(40),
    odd: fc.constantFrom(
      '',
      '"',
      '\\',
      '[',
      ']',
      '{',
      '}',
      '|',
      '=',
      ' ',
      '-',
      '\t',
      '\u0000',
      '\u001b[',
      '%',
      '<34>',
      '99999999999999999999',
      'é',
      '\ufeff',
    ),
    kind: fc.nat(3),
  })
  .map(({ line, other, at, length, odd, kind }) => {
    const from = at % (line.length + 1);
    const piece =
      kind === 0
        ? ''
        : kind === 1
          ? odd
          : kind === 2
            ? other.slice(at % 50, (at % 50) + length)
            : line.slice(from, from + length).repeat(3);
    return (line.slice(0, from) + piece + line.slice(from + length)).replaceAll('\n', ' ');
  });

describe('lines that nobody meant', () => {
  it('of arbitrary bytes have one outcome each in every format', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => check(bytes)),
      { numRuns: 60 },
    );
  });

  it('made of real ones have one outcome each in every format', () => {
    fc.assert(
      fc.property(fc.array(mutated, { minLength: 1, maxLength: 4 }), (some) => check(some.join('\n'))),
      { numRuns: 200 },
    );
  });

  it.each([
    '"',
    ' ',
    '[',
    '\\',
    '=',
    'a=',
    ' a=b',
    '|',
    '[a] ',
    '{a|',
    '1 ',
    '"a" ',
    '[15/Jan/2026:10:05:03 ',
    '\\"',
    ' - ',
    '0/',
    '1.1.1.1, ',
  ])('that repeat %j ten thousand times behind the start of a real one take no long time', (piece) => {
    const starts = lines.filter((_, i) => i % 3 === 0).map((line) => line.slice(0, Math.floor(line.length * 0.6)));
    const text = starts.map((start) => start + piece.repeat(10_000)).join('\n');
    const before = performance.now();
    const { events, deadLetters } = ingests[0]!.ingest.ingest(batchOf(text));
    expect(events.length + deadLetters.length).toBeGreaterThan(0);
    // About 70 lines of 20 kB and more; a quadratic reading would take minutes.
    expect(performance.now() - before).toBeLessThan(5000);
  });
});
