import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldValue } from '#ecs';
import { loadRules } from './load-rules.js';
import { ValueMemo } from './value-memo.js';
import type { Expression, Predicate } from './expression.js';
import { anyText } from './expression.js';
import { compileMatcher } from './matcher.js';
import { foldPattern, one, parsePattern, run, tidy, type Pattern } from './pattern.js';

class Slots {
  readonly names = new Map<string, number>();
  slot(name: string): number {
    const known = this.names.get(name);
    if (known !== undefined) return known;
    this.names.set(name, this.names.size);
    return this.names.size - 1;
  }
}

/** Which of the rules (selections as YAML, flow style) match an event. */
function matching(detections: readonly string[], event: Record<string, FieldValue>): number[] {
  const index = new Slots();
  const text = detections.map((detection, i) => `title: r${i}\nid: r${i}\ndetection: ${detection}\n`).join('---\n');
  const { rules, problems } = loadRules([{ file: 'test.yml', text }], { index, ruleTypes: {} });
  expect(problems).toEqual([]);
  const values: FieldValue[] = [];
  for (const [name, value] of Object.entries(event)) values[index.slot(name)] = value;
  const found = new Int32Array(detections.length);
  return [...found.subarray(0, rules.matcher.match(Array.from(values), found))];
}

const matches = (selection: string, event: Record<string, FieldValue>): boolean =>
  matching([`{s: ${selection}, condition: s}`], event).length > 0;

describe('a field test', () => {
  it.each<[string, Record<string, FieldValue>, boolean]>([
    ['{a: Admin}', { a: 'ADMIN' }, true],
    ['{a|cased: Admin}', { a: 'ADMIN' }, false],
    ['{a|cased: Admin}', { a: 'Admin' }, true],
    ['{a: "ad*n"}', { a: 'AdmiN' }, true],
    ['{a: "ad?n"}', { a: 'admin' }, false],
    ["{a: 'C:\\*x'}", { a: 'C:*x' }, true],
    ["{a: 'C:\\\\*x'}", { a: 'C:\\foo\\x' }, true],
    ["{a: 'C:\\foo'}", { a: 'c:\\foo' }, true],
    ["{a|endswith: '\\'}", { a: 'x\\' }, true],
    ['{a|contains: [foo, bar]}', { a: 'xBARx' }, true],
    ['{a|contains|all: [foo, bar]}', { a: 'xBARx' }, false],
    ['{a|contains|all: [foo, bar]}', { a: 'foobar' }, true],
    ['{a|contains|cased: Foo}', { a: 'a foo' }, false],
    ['{a|contains: ÉTÉ}', { a: "l'été passé" }, true],
    ['{a|contains: ΟΔΟΣ}', { a: 'οδος οδοσα' }, true],
    ['{a: 500}', { a: 500 }, true],
    ['{a: 500}', { a: '500' }, true],
    ["{a: '500'}", { a: 500 }, true],
    ['{a|startswith: 5}', { a: 503 }, true],
    ['{a|gte: 500}', { a: 503 }, true],
    ['{a|gte: 500}', { a: '499' }, false],
    ['{a|lt: 5}', { a: 'four' }, false],
    ['{a: true}', { a: 'TRUE' }, true],
    ['{a: false}', { a: false }, true],
    ['{a: null}', {}, true],
    ['{a: null}', { a: null }, true],
    ['{a: null}', { a: '' }, false],
    ["{a: ''}", { a: '' }, true],
    ["{a: ''}", {}, false],
    ['{a|exists: true}', { a: null }, true],
    ['{a|exists: false}', {}, true],
    ['{a: "*"}', { a: '' }, true],
    ['{a: "*"}', {}, false],
    ['{a|neq: b}', { a: 'c' }, true],
    ['{a|neq: b}', { a: 'B' }, false],
    ['{a|neq: b}', {}, false],
    ['{a: two}', { a: ['one', 'Two'] }, true],
    ['{a|contains|all: [on, tw]}', { a: ['one', 'two'] }, true],
    ['{a|re: "^a+b"}', { a: 'aab' }, true],
    ['{a|re: "^a+b"}', { a: 'AAB' }, false],
    ['{a|re|i: "^a+b"}', { a: 'AAB' }, true],
    ['{a|re|s: "a.b"}', { a: 'a\nb' }, true],
    ['{a|cidr: 10.0.0.0/8}', { a: '10.1.2.3' }, true],
    ['{a|cidr: 10.0.0.0/8}', { a: '::ffff:10.1.2.3' }, true],
    ['{a|cidr: 10.0.0.0/8}', { a: '11.1.2.3' }, false],
    ['{a|cidr: "2001:db8::/33"}', { a: '2001:DB8:7fff::1' }, true],
    ['{a|cidr: "2001:db8::/33"}', { a: '2001:db8:8000::1' }, false],
    ['{a|base64: foo}', { a: 'Zm9v' }, true],
    ['{a|base64offset|contains: "http://"}', { a: Buffer.from('xyhttp://z').toString('base64') }, true],
    ['{a|wide|base64offset|contains: "http://"}', { a: Buffer.from('x http://z', 'utf16le').toString('base64') }, true],
    ['{a|contains|windash: " -v"}', { a: 'reg /v' }, true],
    ['{a|contains|windash: " -v"}', { a: 'reg —v' }, true],
    ['{a|fieldref: b}', { a: 'X', b: 'x' }, true],
    ['{a|fieldref|endswith: b}', { a: 'aX', b: 'x' }, true],
    ['{a|fieldref: b}', {}, false],
    ['{a|hour|gte: 22}', { a: '2026-01-02T23:15:00+05:00' }, true],
    ['{a|week: 53}', { a: '2027-01-01T00:00:00Z' }, true],
    ['[evil, bad]', { a: 'x', b: 'an EVIL thing' }, true],
    ["{'|all': [evil, bad]}", { a: 'bad', b: 'an EVIL thing' }, true],
    ["{'|all': [evil, bad]}", { a: 'good', b: 'an EVIL thing' }, false],
    ['[{a: x}, {b: y}]', { b: 'Y' }, true],
  ])('%s of %j is %s', (selection, event, expected) => {
    expect(matches(selection, event)).toBe(expected);
  });

  it('binds not before and before or', () => {
    const rule = (condition: string): string => `{a: {a: 1}, b: {b: 1}, _c: {c: 1}, condition: ${condition}}`;
    const rules = [rule('a or b and not _c'), rule('(a or b) and not _c'), rule('1 of them'), rule('all of them'), rule('[b and a, _c]')];
    expect(matching(rules, { a: 1, c: 1 })).toEqual([0, 2, 4]);
  });
});

/** The obvious meaning, one test after another. */
function naive(expression: Expression, event: readonly FieldValue[]): boolean {
  if (expression.kind === 'not') return !naive(expression.of, event);
  if (expression.kind !== 'test') {
    const parts = expression.of.map((part) => naive(part, event));
    return expression.kind === 'and' ? !parts.includes(false) : parts.includes(true);
  }
  const { slot, test } = expression.predicate;
  const of = slot === anyText ? event.flat().filter((value) => typeof value === 'string') : [event[slot]].flat();
  if (test.kind === 'null') return event[slot] === undefined || event[slot] === null;
  return (of as FieldValue[]).some((value) => {
    const text = value === undefined || value === null ? undefined : typeof value === 'string' ? value : JSON.stringify(value);
    if (text === undefined) return false;
    const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
    if (test.kind === 'number') return number === test.value;
    if (test.kind === 'compare') return number >= test.value;
    if (test.kind !== 'text') throw new Error('not generated');
    const source = test.pattern
      .map((part) => (part === run ? '[^]*' : part === one ? '[^]' : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')))
      .join('');
    return new RegExp(`^(?:${source})$`).test(test.cased ? text : text.toLowerCase());
  });
}

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'B', '/', '.', 'é', 'É', '1'), maxLength: 7 });
const value: fc.Arbitrary<FieldValue> = fc.oneof(
  { weight: 8, arbitrary: word },
  fc.integer({ min: 0, max: 12 }),
  fc.constantFrom(undefined, null, true),
  fc.array(word, { maxLength: 3 }),
);
const pattern: fc.Arbitrary<Pattern> = fc
  .array(fc.oneof({ weight: 3, arbitrary: word }, fc.constantFrom<typeof run | typeof one>(run, one, run)), { minLength: 1, maxLength: 4 })
  .map(tidy);
const predicate: fc.Arbitrary<Predicate> = fc
  .tuple(
    fc.integer({ min: -1, max: 2 }),
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('text' as const), pattern, cased: fc.boolean() }) },
      fc.record({ kind: fc.constant('number' as const), value: fc.integer({ min: 0, max: 12 }) }),
      fc.record({ kind: fc.constant('compare' as const), comparison: fc.constant('gte' as const), value: fc.integer({ min: 0, max: 12 }) }),
      fc.constant({ kind: 'null' as const }),
    ),
  )
  .map(([at, test]) => {
    const slot = at === anyText && test.kind !== 'text' ? 0 : at;
    const folded = test.kind === 'text' && !test.cased ? { ...test, pattern: foldPattern(test.pattern) } : test;
    const shown = folded.kind === 'text' ? folded.pattern.map((part) => (part === run ? 1 : part === one ? 0 : part)) : folded;
    return { slot, test: folded, key: `${slot} text ${folded.kind === 'text' && folded.cased} ${JSON.stringify(shown)}` };
  });
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3 },
    predicate.map((one): Expression => ({ kind: 'test', predicate: one })),
    fc.array(tie('expression'), { minLength: 1, maxLength: 3 }).map((of): Expression => ({ kind: 'and', of })),
    fc.array(tie('expression'), { minLength: 1, maxLength: 3 }).map((of): Expression => ({ kind: 'or', of })),
    tie('expression').map((of): Expression => ({ kind: 'not', of })),
  ),
}));

describe('the matcher', () => {
  it('finds what asking every test of every rule in turn finds', () => {
    fc.assert(
      fc.property(
        fc.array(expression, { minLength: 1, maxLength: 12 }),
        fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 8 }),
        (rules, events) => {
          const matcher = compileMatcher(rules, { names: [], textSlot: -1 });
          const found = new Int32Array(rules.length);
          for (const event of events) {
            const expected = rules.flatMap((rule, i) => (naive(rule, event) ? [i] : []));
            expect([...found.subarray(0, matcher.match(event, found))]).toEqual(expected);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it('reads a Sigma string back from its escaped form', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('\\', '*', '?', 'a') }), (text) => {
        const escaped = text.replace(/[\\*?]/g, '\\$&');
        expect(parsePattern(escaped)).toEqual(text === '' ? [] : [text]);
      }),
    );
  });

  it('remembers answers without ever changing them, also when its memory is full or resting', () => {
    const memo = new ValueMemo((asked) => `<${asked}>`);
    for (let i = 0; i < 20_000; i++) expect(memo.get(`value number ${i % 7000}`)).toBe(`<value number ${i % 7000}>`);
  });
});
