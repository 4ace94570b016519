import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readPlainYaml } from './plain-yaml.js';

/** What the library makes of a text, empty documents left out as for rules; undefined where it has something to say against it. */
function library(text: string): unknown[] | undefined {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return undefined;
  if (documents.some(({ errors, warnings }) => errors.length + warnings.length > 0)) return undefined;
  return documents.map((each) => each.toJS() as unknown).filter((value) => value !== null);
}

const odd = fc.constantFrom(
  ...`x|a b|'it''s'|'a: b # c'|"a\\n"|"\\d"|12|012|-3|1.5|1e3|true|Null|~|''|# c|a # c|a#b|a: b|a:b|'x' # c|"q" y|[]|{}|[a, b]|&a x|*a|!t x|>|-x|--|?x|:x|%x|@x|*.exe|C:\\x\\|0x1F|2024-01-02|.5|+1|/etc|_a|é|10.0.0.0/8|a,b|a]|'un|1_0|5m|1e3x|57e9d599-1|1.2.3|~x|.x|-x.5|1.|+|0o9|.NaN|-.Inf|+.5e1`.split(
    '|',
  ),
  '|',
  '|-',
  "'|all'",
);
const plainScalar = fc.constantFrom(
  'x',
  'a b',
  "'it''s: #'",
  '"a\\n"',
  '12',
  'true',
  'null',
  '',
  '# c',
  'a # c',
  'a#b',
  'C:\\x\\',
  'a,b',
  '0',
  "''",
);
const flowList = fc
  .tuple(
    fc.array(fc.oneof(plainScalar, odd), { maxLength: 4 }),
    fc.constantFrom(', ', ',', ' , '),
    fc.constantFrom(']', ' ]', ',]', '] # c', '', '] x'),
  )
  .map(([items, comma, end]) => `[${items.join(comma)}${end}`);
const scalar = fc.oneof({ weight: 12, arbitrary: plainScalar }, { weight: 4, arbitrary: flowList }, { weight: 2, arbitrary: odd });
const key = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('c', 'd', 'e|re', 'f.g', 'h-i', 'k l', 'm{}|n', 'o"p') },
  fc.constantFrom('a', 'b', 'a|contains|all', "'|all'", 'x y', 'cs(User-Agent)', '"q"', '1', 'true', 'a.b-c', '<<', 'a#b', 'é', ' a'),
);
const line = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(key, scalar).map(([name, value]) => `${name}: ${value}`) },
  { weight: 4, arbitrary: key.map((name) => `${name}:`) },
  { weight: 4, arbitrary: scalar.map((value) => `- ${value}`) },
  { weight: 2, arbitrary: fc.tuple(key, scalar).map(([name, value]) => `- ${name}: ${value}`) },
  { weight: 1, arbitrary: fc.constantFrom('', '# c', '---', '-', '   ', 'text', '- - a', '...', 'a:  b', '-  a', '-   a: 1', "''") },
);
const scattered = fc
  .array(fc.tuple(fc.constantFrom(0, 0, 0, 2, 2, 4, 1, 6), line), { maxLength: 9 })
  .map((lines) => lines.map(([indent, content]) => ' '.repeat(indent) + content).join('\n'));

/** Lines of a well-shaped value, to be put behind a key or dash: the first entry stands on its line. */
const { node } = fc.letrec<{ node: string[] }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'yaml' },
    scalar.map((value) => [value]),
    fc
      .array(fc.constantFrom('  a', '  a', '  b: *', '', '    # c', '   ', '  - x', '      deep'), { maxLength: 4 })
      .map((lines) => ['|', ...lines]),
    fc
      .tuple(
        fc.constantFrom('>', '>-'),
        fc.array(fc.constantFrom('  a', '  b: *', '  # c', '', '    # c', '  - x', '      deep'), { maxLength: 4 }),
      )
      .map(([mark, lines]) => [mark, ...lines]),
    fc
      .tuple(
        plainScalar,
        fc.array(fc.constantFrom('  words go on', '  (and on)', '  7 more', '  a: b', '  # c', '', '  - x', '      deep'), {
          minLength: 1,
          maxLength: 3,
        }),
      )
      .map(([begin, lines]) => [begin, ...lines]),
    fc.tuple(flowList, fc.constantFrom([], ['  deep'], ['# c'])).map(([list, lines]) => ['', `  ${list}`, ...lines]),
    fc
      .array(fc.tuple(key, tie('node')), { minLength: 1, maxLength: 3 })
      .map((pairs) => [
        '',
        ...pairs.flatMap(([name, [first = '', ...rest]]) => [`  ${name}: ${first}`, ...rest.map((each) => `  ${each}`)]),
      ]),
    fc.array(scalar, { minLength: 1, maxLength: 3 }).map((items) => ['', ...items.map((item) => `- ${item}`)]),
    fc
      .array(fc.tuple(key, scalar, key, tie('node')), { minLength: 1, maxLength: 2 })
      .map((items) => [
        '',
        ...items.flatMap(([one, value, other, [first = '', ...rest]]) => [
          `  - ${one}: ${value}`,
          `    ${other}: ${first}`,
          ...rest.map((each) => `    ${each}`),
        ]),
      ]),
  ),
}));
const shaped = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', 'title', "'|all'", 'x|re'), node), { minLength: 1, maxLength: 3 })
  .map((pairs) => pairs.map(([name, [first = '', ...rest]]) => [`${name}: ${first}`, ...rest].join('\n')).join('\n'));
const text = fc.oneof(
  scattered,
  shaped,
  fc.tuple(shaped, shaped).map((parts) => parts.join('\n---\n')),
);

describe('the reader of plain YAML', () => {
  it('reads what the library reads, or leaves it to the library', () => {
    let read = 0;
    fc.assert(
      fc.property(text, (yaml) => {
        const plain = readPlainYaml(yaml);
        if (!plain?.length) return;
        read++;
        expect({ yaml, value: plain.map(({ value }) => value) }).toEqual({ yaml, value: library(yaml) });
      }),
      { numRuns: 6000 },
    );
    expect(read).toBeGreaterThan(300);
  });

  const folders = [resolve(import.meta.dirname, '../rules'), resolve(import.meta.dirname, '../../../../../shared/data/sigma')].filter(
    existsSync,
  );
  it('reads nearly all rules there are, as the library does', () => {
    const files = folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) =>
        name.endsWith('rule.yml') || /rules.*yml$/.test(name) ? join(folder, name) : [],
      ),
    );
    const plain = files.map((file) => {
      const yaml = readFileSync(file, 'utf8');
      const value = readPlainYaml(yaml)?.map((each) => each.value);
      if (value) expect({ file, value }).toEqual({ file, value: library(yaml) });
      return { file, plain: value !== undefined };
    });
    const share = (some: typeof plain): number => some.filter((each) => each.plain).length / Math.max(1, some.length);
    const foreign = plain.filter(({ file }) => !file.includes('src/rules'));
    expect(share(plain.filter((each) => !foreign.includes(each)))).toBeGreaterThan(0.6);
    if (foreign.length > 0) expect(share(foreign)).toBeGreaterThan(0.3);
  });
});
