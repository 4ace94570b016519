import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventHeaders, readEventMessage, type EventMessage } from './chunk.js';

const number = fc.integer({ min: 0, max: 2 ** 41 });
const chunk = fc
  .record({
    from: number,
    lines: fc.array(fc.record({ gap: fc.integer({ min: 0, max: 3 }), own: fc.boolean() }), { maxLength: 20 }),
    blank: fc.nat(5),
    after: fc.nat(3),
  })
  .map(({ from, lines, blank, after }) => {
    let at = from;
    const offsets = lines.map(({ gap }) => (at += gap + 1) - 1);
    return {
      channel: 'edge/3',
      source: 'edge',
      from,
      to: at + after,
      offsets,
      own: lines.flatMap(({ own }, line) => (own ? [line] : [])),
      duplicates: after > 1 ? [at] : [],
      blank,
      documents: Buffer.from('{}\n'.repeat(offsets.length)),
    };
  });

it('gives back what was written into headers', () => {
  fc.assert(
    fc.property(fc.option(chunk, { nil: undefined }), fc.option(number, { nil: undefined }), (written, stamp) => {
      const message: EventMessage = {
        chunk: written,
        channel: 'edge/3',
        channels: ['edge/0', 'edge/3'],
        progress: { clock: 5, ...(stamp !== undefined && { stamp }) },
      };
      const headers = Object.fromEntries(Object.entries(eventHeaders(message)).map(([key, value]) => [key, Buffer.from(value)]));
      expect(readEventMessage(written?.documents ?? Buffer.alloc(0), headers)).toEqual(message);
    }),
  );
});

it('passes over what Gatewatch did not write', () => {
  expect(readEventMessage(Buffer.from('{}'), undefined)).toBeUndefined();
  expect(readEventMessage(Buffer.from('{}'), { channel: 'x' })).toBeUndefined();
});
