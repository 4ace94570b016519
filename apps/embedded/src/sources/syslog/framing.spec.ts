import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxLineBytes } from '../../input/blocks.js';
import { FrameReader } from './framing.js';
import { oneRecord } from './one-record.js';

const counted = (...messages: string[]): Buffer =>
  Buffer.concat(messages.map((message) => Buffer.from(`${Buffer.byteLength(message)} ${message}`)));

/** The records of a stream that came in these pieces, and whether it broke. */
function records(chunks: readonly Buffer[], reader = new FrameReader()): string[] {
  const found: string[] = [];
  const add = ({ payload, count }: { payload: Uint8Array; count: number }): void => {
    const lines = count === 0 ? [] : Buffer.from(payload).toString().replace(/\n$/, '').split('\n');
    expect(lines.length).toBe(count);
    found.push(...lines);
  };
  for (const chunk of chunks) add(reader.push(chunk));
  add(reader.end());
  return found;
}

function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length));
}

describe('a stream of syslog messages', () => {
  it('with lengths keeps newlines within messages as #012, and injects nothing', () => {
    const message = '<13>1 - web app - - - first\n<13>1 - web sshd - - - Accepted password for root\n';
    expect(records([counted(message, '<14>next')])).toEqual([
      '<13>1 - web app - - - first#012<13>1 - web sshd - - - Accepted password for root',
      '<14>next',
    ]);
  });

  it('may end counted messages with newlines that were not counted', () => {
    expect(records([Buffer.concat([counted('<13>a'), Buffer.from('\r\n'), counted('<13>b'), Buffer.from('\n')])])).toEqual([
      '<13>a',
      '<13>b',
    ]);
  });

  it('with newlines stays so, whatever a message says', () => {
    expect(records([Buffer.from('<13>a\n99999 <13>b\n<13>c')])).toEqual(['<13>a', '99999 <13>b', '<13>c']);
  });

  it('of lines that begin with digits is no octet counting', () => {
    expect(records([Buffer.from('203.0.113.7 - - x\n2026 y\n')])).toEqual(['203.0.113.7 - - x', '2026 y']);
    expect(records([Buffer.from('12 monkeys\n')])).toEqual(['12 monkeys']);
  });

  it('gives the same records wherever it is cut', () => {
    const message = fc
      .string({ unit: fc.constantFrom('a', '\n', '<', ' ', '9', '{', '}', 'é'), maxLength: 20 })
      .map((text) => `<13>${text}x`);
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 8 }), fc.array(fc.nat(400)), fc.boolean(), (messages, cuts, lengths) => {
        const bytes = lengths ? counted(...messages) : Buffer.from(messages.map((text) => `${text}\n`).join(''));
        const whole = records([bytes]);
        expect(records(pieces(bytes, cuts))).toEqual(whole);
        expect(whole).toEqual(
          lengths ? messages.map((text) => oneRecord(Buffer.from(text)).toString()) : messages.flatMap((text) => text.split('\n')),
        );
      }),
    );
  });

  it('that loses its lengths breaks, and what is there of it is kept', () => {
    const reader = new FrameReader();
    expect(records([counted('<13>a'), Buffer.from('<13>b\n<13>c\n')], reader)).toEqual(['<13>a', '<13>b#012<13>c']);
    expect(reader.broken).toBe(true);
  });

  it('keeps the beginning of a message above the bound, and what follows it', () => {
    const long = `<13>${'x'.repeat(3 * maxLineBytes)}`;
    for (const bytes of [counted(long, '<13>b'), Buffer.from(`<13>a\n${long}\n<13>b\n`)]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, i) => bytes.subarray(i * 65_536, (i + 1) * 65_536));
      const reader = new FrameReader();
      expect(
        records(chunks, reader)
          .map(({ length }) => length)
          .slice(-2),
      ).toEqual([maxLineBytes, 5]);
      expect(reader.held).toBe(0);
    }
  });

  it('costs its length when it comes byte by byte', () => {
    const reader = new FrameReader();
    const bytes = counted(`<13>${'x'.repeat(300_000)}`);
    let count = 0;
    for (let at = 0; at < bytes.length; at++) count += reader.push(bytes.subarray(at, at + 1)).count;
    expect([count, reader.held]).toEqual([1, 0]);
  });

  it('of arbitrary bytes neither throws nor gives newlines in records', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
        records(chunks.map((chunk) => Buffer.from(chunk)));
      }),
    );
  });
});

describe('a message as one record', () => {
  it('keeps JSON over several lines as JSON', () => {
    const record = oneRecord(Buffer.from('<13>1 - - app - - - {\r\n "a": "b\\n",\n "c": 1\n}\n')).toString();
    expect(JSON.parse(record.slice(record.indexOf('{')))).toEqual({ a: 'b\n', c: 1 });
  });

  it('escapes a newline before or behind JSON, and in what only looks like it', () => {
    for (const text of ['a\n{"b":1}', '{"a":\n1}\nb', '{"a":\nb}'])
      expect(oneRecord(Buffer.from(text)).toString()).toBe(text.replaceAll('\n', '#012'));
  });

  it('loses trailers alone', () => {
    expect(oneRecord(Buffer.from('<13>a \r\n\0\n')).toString()).toBe('<13>a ');
    expect(oneRecord(Buffer.from('\n\0')).length).toBe(0);
  });
});
