import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf } from './message-lines.js';

const lines = (...values: (string | null)[]): [string, number] => {
  const { payload, count } = linesOf(values.map((value) => (value === null ? null : Buffer.from(value))));
  return [payload.toString(), count];
};

describe('messages as records', () => {
  it('makes one record of a message, whatever line end it came with', () => {
    expect(lines('a b', 'c\n', 'd\r\n', '{"x":1}')).toEqual(['a b\nc\nd\n{"x":1}\n', 4]);
  });

  it('puts JSON that was written over several lines on one', () => {
    const [text, count] = lines('{\n  "message": "a\\nb",\n  "n": [\n1]\n}\n');
    expect(count).toBe(1);
    expect(JSON.parse(text)).toEqual({ message: 'a\nb', n: [1] });
  });

  it('makes a record of each line that a sender gathered', () => {
    expect(lines('one\ntwo\n\nthree\n')).toEqual(['one\ntwo\n\nthree\n', 4]);
  });

  it('leaves out tombstones and empty messages', () => {
    expect(lines(null, '', '\n', 'x')).toEqual(['x\n', 1]);
  });

  it('counts the newlines of its payload, always', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.uint8Array({ maxLength: 40 })), { maxLength: 20 }), (values) => {
        const { payload, count } = linesOf(values.map((value) => value && Buffer.from(value)));
        expect(payload.filter((byte) => byte === 10)).toHaveLength(count);
      }),
    );
  });
});
