import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressWords } from './address-words.js';

const words = new Uint32Array(4);

/** As the URL standard's host parser reads it: eight groups without `::`. */
function groupsOf(ip: string): number[] {
  const [head = '', tail] = new URL(`http://[${ip}]/`).hostname.slice(1, -1).split('::');
  const groups = (text: string): number[] => (text === '' ? [] : text.split(':').map((group) => parseInt(group, 16)));
  const [front, back] = [groups(head), groups(tail ?? '')];
  return [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
}

function check(text: string): void {
  const family = isIP(text);
  expect(addressWords(text, words), text).toBe({ 0: 0, 4: 1, 6: 4 }[family]);
  if (family === 6) expect([...words].flatMap((word) => [word >>> 16, word & 0xffff])).toEqual(groupsOf(text));
  // In the middle of a text it is the same.
  expect(addressWords(`1:${text}:2`, words, 2, text.length + 2), text).toBe({ 0: 0, 4: 1, 6: 4 }[family]);
}

describe('an address', () => {
  it.each([
    '::',
    '::1',
    '1::',
    '1:2:3:4:5:6:7::',
    '::2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7:8',
    'FE80::A',
    '::ffff:1.2.3.4',
    '1:2:3:4:5:6:1.2.3.4',
  ])('is read as Node and the URL standard do: %s', check);

  it.each([
    '',
    ':',
    ':::',
    '1:',
    ':1',
    '1::2::3',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    'g::',
    '1.2.3.4::',
    '::1.2.3',
    '1:2:3:4:5:6:7:1.2.3.4',
    '01.2.3.4',
  ])('is refused as Node does: "%s"', check);

  it('is told from what is none, whatever stands there', () => {
    const part = fc.constantFrom(':', '::', '0', '1', 'ffff', '1234', 'g', '.', '1.2.3.4', '255', '256');
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 17 }).map((parts) => parts.join('')),
        check,
      ),
      { numRuns: 3000 },
    );
    fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), check));
  });
});
