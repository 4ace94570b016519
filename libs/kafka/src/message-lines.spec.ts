import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf, type SplitMessage } from './message-lines.js';

const whole: SplitMessage = () => undefined;
const lines = (...values: (string | null)[]): [string, number] => {
  const { payload, count } = linesOf(
    values.map((value) => (value === null ? null : Buffer.from(value))),
    whole,
  );
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

  it('cuts a document of many records, and only what looks like JSON is asked', () => {
    const asked: string[] = [];
    const split: SplitMessage = (message) => {
      asked.push(message.toString());
      return message.includes('records') ? ['{"a":1}', '{"a":2}'] : undefined;
    };
    const { payload, count } = linesOf(
      ['text', '{"records":[]}', '{"b":\n1}'].map((value) => Buffer.from(value)),
      split,
    );
    expect([payload.toString(), count]).toEqual(['text\n{"a":1}\n{"a":2}\n{"b": 1}\n', 4]);
    expect(asked).toEqual(['{"records":[]}', '{"b":\n1}']);
  });

  it('leaves out tombstones and empty messages', () => {
    expect(lines(null, '', '\n', 'x')).toEqual(['x\n', 1]);
  });

  it('counts the newlines of its payload, always', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.uint8Array({ maxLength: 40 })), { maxLength: 20 }), (values) => {
        const { payload, count } = linesOf(
          values.map((value) => value && Buffer.from(value)),
          whole,
        );
        expect(payload.filter((byte) => byte === 10)).toHaveLength(count);
      }),
    );
  });
});
