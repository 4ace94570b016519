import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeadLetter, FieldValue } from '#ecs';
import { collect, Found } from './document-fields.js';
import { readTime } from './event-time.js';
import { buildTree } from './field-tree.js';
import { JsonLines, type JsonObservation } from './json-lines.js';
import { JsonScanner } from './json-scanner.js';

const names = ['a', 'b', 'a.b', 'a.b.c', 'list', 'EventID', 'é'];
const tree = buildTree(names.map((name, slot) => ({ slot, names: [name] })));
const scanner = new JsonScanner(tree, names.length);

function scan(line: string | Buffer): FieldValue[] | undefined {
  const block = Buffer.concat([Buffer.from(line), Buffer.from('\n')]);
  scanner.open(block, block.toString('latin1'));
  const values = new Array<FieldValue>(names.length).fill(undefined);
  return scanner.scan(0, block.length - 1, values) ? values : undefined;
}

function plainly(line: string): FieldValue[] | undefined {
  let document: unknown;
  try {
    document = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return undefined;
  const found = new Found(names.length);
  collect(tree, document, found);
  return found.values;
}

/** The scanner may leave a line to the parser, but must not answer differently. */
function agrees(line: string): void {
  const values = scan(line);
  if (values !== undefined) expect(values).toEqual(plainly(line));
}

const key = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('a', 'b', 'c', 'a.b', 'a.b.c', 'list', 'Event', 'System', 'EventID', '#text', 'é', 'x') },
  fc.string({ maxLength: 3 }),
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'grapheme', maxLength: 6 }),
    fc.double({ noNaN: true }),
    fc.maxSafeInteger(),
    fc.constantFrom(null, true, false, 0, -0, 1e300, '\\', '"', '\u2028', '\n'),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(key, tie('json'), { maxKeys: 5 }),
  ),
}));

describe('the scanner', () => {
  it('agrees with JSON.parse on any document', () => {
    fc.assert(
      fc.property(fc.dictionary(key, json), fc.constantFrom(undefined, 1, '\t'), (document, indent) =>
        agrees(JSON.stringify(document, null, indent).replace(/\n/g, '\r')),
      ),
      { numRuns: 800 },
    );
  });

  it('agrees with JSON.parse on documents that were damaged', () => {
    const damage = fc.tuple(
      fc.nat(),
      fc.constantFrom('', '"', '{', '}', '[', ']', ',', ':', '\\', '0', '-', '.', 'e', '\u0001', 'é', ' ', 'null', '\\u00g', '"a":1,'),
      fc.nat({ max: 3 }),
    );
    fc.assert(
      fc.property(fc.dictionary(key, json), fc.array(damage, { minLength: 1, maxLength: 3 }), (document, damages) => {
        let line = JSON.stringify(document);
        for (const [at, put, cut] of damages) {
          const place = at % (line.length + 1);
          line = line.slice(0, place) + put + line.slice(place + cut);
        }
        // As bytes hold it: half a surrogate pair becomes U+FFFD.
        agrees(Buffer.from(line).toString());
      }),
      { numRuns: 1500 },
    );
  });

  it.each([
    '{"a":1} x',
    '{"a":1',
    '{"a":01}',
    '{"a":1.}',
    '{"a":+1}',
    '{"a":"\t"}',
    '{"a":tru}',
    '{"a":1,}',
    '{"a" 1}',
    '{a:1}',
    '[1]',
    '"a"',
    '',
    '{"x":[1,]}',
    '{"x":{"y"}}',
  ])('does not take %j', (line) => expect(scan(line)).toBeUndefined());

  it('leaves a repeated key on the way to a field to the parser, where the last one counts', () => {
    expect(scan('{"a":1,"a":2}')).toBeUndefined();
    expect(scan('{"x":1,"x":2,"b":3}')?.[1]).toBe(3);
  });

  it('takes what is usual without the parser', () => {
    expect(scan('{"a":{"b":"caf\u00e9 \\n","z":[{"q":[]}]},"b":-1.5e3,"list":["p",1],"Event":{"System":{"EventID":4624}}}')).toEqual([
      [],
      -1500,
      'caf\u00e9 \n',
      undefined,
      ['p', '1'],
      4624,
      undefined,
    ]);
  });
});

class Slots {
  readonly names = new Map<string, number>();
  slot(name: string): number {
    if (!this.names.has(name)) this.names.set(name, this.names.size);
    return this.names.get(name)!;
  }
}

function read(text: string, fields: readonly string[], allText = false) {
  const events: JsonObservation[] = [];
  const letters: DeadLetter[] = [];
  const index = new Slots();
  const lines = new JsonLines({ index, fields, allText, source: 'test', tag: 't' });
  lines.read(Buffer.from(text), Date.UTC(2026, 0, 1), { event: (event) => events.push(event), rejected: (letter) => letters.push(letter) });
  return { events, letters, value: (event: number, name: string) => events[event]?.values[index.slot(name)] };
}

describe('JSON lines', () => {
  it('finds a field nested, dotted or mixed, and the most nested first', () => {
    const { value } = read('{"a":{"b":{"c":1}}}\n{"a.b.c":2}\n{"a.b":{"c":3}}\n{"a":{"b.c":4},"a.b.c":5}\n', ['a.b.c']);
    expect([0, 1, 2, 3].map((event) => value(event, 'a.b.c'))).toEqual([1, 2, 3, 4]);
  });

  it('finds bare names in Windows events, and attributes of their system part', () => {
    const line = {
      Event: { System: { Provider: { '#attributes': { Name: 'Sysmon' } }, EventID: { '#text': 1 } }, EventData: { Image: 'x.exe' } },
    };
    const { value } = read(`${JSON.stringify(line)}\n`, ['Image', 'EventID', 'Provider_Name']);
    expect(['Image', 'EventID', 'Provider_Name'].map((name) => value(0, name))).toEqual(['x.exe', 1, 'Sysmon']);
  });

  it('gives every element of a list of objects', () => {
    const { value } = read('{"target":[{"type":"User"},{"type":"App"}]}', ['target.type']);
    expect(value(0, 'target.type')).toEqual(['User', 'App']);
  });

  it('says what is wrong with a line, and counts every line', () => {
    const { events, letters } = read('{"a":1}\n\n{"a":\n[1]\n{"a":2}', ['a']);
    expect(events.map(({ offset }) => offset)).toEqual([0, 4]);
    expect(letters.map(({ offset, reason }) => [offset, reason])).toEqual([
      [2, 'json_syntax'],
      [3, 'json_not_object'],
    ]);
  });

  it('does not believe a stamp far in the future', () => {
    const { events } = read('{"time":"2026-01-01T00:04:00Z"}\n{"ts":1798761600}\n{}\n', []);
    expect(events.map(({ time, stamp, arrival }) => [time - arrival, stamp - arrival])).toEqual([
      [240_000, 240_000],
      [0, 365 * 86_400_000],
      [0, 0],
    ]);
  });

  it('keeps every text for keyword searches', () => {
    expect(read('{"x":["p",{"y":"q"}],"n":1}', [], true).value(0, '*')).toEqual(expect.arrayContaining(['p', 'q']));
  });
});

describe('a time', () => {
  it.each([
    ['2026-01-15T12:34:56.789Z', Date.UTC(2026, 0, 15, 12, 34, 56, 789)],
    ['2024-02-29T00:00:00.000Z', Date.UTC(2024, 1, 29)],
    ['2026-01-15 12:34:56', Date.UTC(2026, 0, 15, 12, 34, 56)],
    ['2026-01-15T12:34:56.123456789+02:00', Date.UTC(2026, 0, 15, 10, 34, 56, 123)],
    ['2026-01-15T12:34:56+0200', Date.UTC(2026, 0, 15, 10, 34, 56)],
    [1768480496, 1768480496000],
    [1768480496789, 1768480496789],
    ['1768480496.5', 1768480496500],
    [1768480496789000000, 1768480496789],
    ['yesterday', NaN],
    ['2026-13-01T00:00:00.000Z', NaN],
    [undefined, NaN],
  ])('%s is read', (given, expected) => expect(readTime(given)).toBe(expected));

  it('is the same by hand as by Date.parse', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true }), (date) => {
        expect(readTime(date.toISOString())).toBe(date.getTime());
      }),
    );
  });
});
