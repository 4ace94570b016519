import { describe, expect, it } from 'vitest';
import { GatheredDocument } from './gathered.js';

function through(chunks: readonly string[], largest?: number): string {
  const document = new GatheredDocument(largest);
  const out = chunks.flatMap((chunk) => document.push(Buffer.from(chunk)));
  return Buffer.concat([...out, ...document.end()]).toString();
}

describe('a document of many records', () => {
  it('becomes one record a line, however it is printed and cut', () => {
    expect(through(['{"Records": [\n  {"a": 1},\n', '  {"b": 12345678901234567890}\n]}\n'])).toBe(
      '{"a": 1}\n{"b": 12345678901234567890}\n',
    );
    expect(through(['[{"a":1},{"b":2}]'])).toBe('{"a":1}\n{"b":2}\n');
  });

  it('may stand on each line', () => {
    expect(through(['{"records":[{"a":1},{"a":2}]}\n{"x":1}\n{"records":[{"a":3}]}\n'])).toBe('{"a":1}\n{"a":2}\n{"x":1}\n{"a":3}\n\n');
  });

  it('is nothing else: what only begins like one, or is too large, passes as it was', () => {
    for (const text of ['{"records": 5}\n{"records": 6}\n', '[{"a":1}', '{"value": [1, 2]}', '[Thu Oct 12 2023] x\n', 'plain\n', '']) {
      expect(through([text])).toBe(text);
    }
    // Too little to tell by.
    expect(through(['{"Rec', 'ords":[{"a":1}]}\n'])).toBe('{"Records":[{"a":1}]}\n');
    expect(through(['[{"a":1},', '{"b":2}]'], 10)).toBe('[{"a":1},{"b":2}]');
  });
});
