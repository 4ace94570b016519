import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isListed, kinds, lackingInRules, missingCases, missingParts, type Kind } from './corpus.js';
import { filesIn, foldersIn, root } from './files.js';

function filesOf(folder: string): string[] {
  return [...filesIn(folder), ...filesIn(`${folder}/fixtures`).map((file) => `fixtures/${file}`)];
}

describe.each(kinds)('every $what', (kind) => {
  const folders = foldersIn(kind.folder);

  it('stands in its folder', () => {
    expect(folders).not.toEqual([]);
  });

  it('has its parts', () => {
    const missing = folders.flatMap((name) =>
      missingParts(kind, name, filesOf(`${kind.folder}/${name}`)).map((part) => `${kind.folder}/${name} lacks ${part}`),
    );
    expect(missing).toEqual([]);
  });
});

describe.each(kinds.filter(({ list }) => list !== undefined))('every $what', (kind) => {
  it('is listed', () => {
    const list = readFileSync(`${root}${kind.folder}/${kind.list}`, 'utf8');
    const unlisted = foldersIn(kind.folder).filter((name) => !isListed(name, list));
    expect(unlisted.map((name) => `${name} is not imported by ${kind.folder}/${kind.list}`)).toEqual([]);
  });
});

describe('shipped rules', () => {
  const folder = 'libs/detection/src/rules';
  const files = foldersIn(folder)
    .map((name) => `${folder}/${name}/rule.yml`)
    .filter((file) => existsSync(root + file))
    .map((file) => ({ file, text: readFileSync(root + file, 'utf8') }));

  it('have ids of their own, and say what a person needs', () => {
    expect(lackingInRules(files)).toEqual([]);
  });

  it('are shown to fire, to stay quiet and nearly to fire', () => {
    const cases = foldersIn(folder)
      .map((name) => `${folder}/${name}/cases.yml`)
      .filter((file) => existsSync(root + file));
    expect(
      cases.flatMap((file) => missingCases(readFileSync(root + file, 'utf8')).map((kind) => `${file} has no case of kind ${kind}`)),
    ).toEqual([]);
  });
});

describe('the checks', () => {
  const kind = (what: string): Kind => kinds.find((each) => each.what === what)!;

  it('name the parts that a folder lacks', () => {
    expect(missingParts(kind('log format'), 'x', ['x.ts', 'fixtures/a.log'])).toEqual([
      'README.md',
      'fixtures/*.log, each with its *.expected.ndjson',
    ]);
    expect(missingParts(kind('log format'), 'x', ['x.ts', 'README.md', 'fixtures/a.log', 'fixtures/a.expected.ndjson'])).toEqual([]);
    expect(missingParts(kind('channel'), 'x', ['x.ts', 'config.ts'])).toEqual([
      'x.spec.ts',
      'README.md',
      'a golden message (*.expected.*)',
    ]);
    expect(missingParts(kind('shipped rule'), 'x', ['rule.yml'])).toEqual(['cases.yml']);
  });

  it('see whether a folder is listed', () => {
    expect(isListed('nginx', `import { nginx } from './nginx/nginx.js';`)).toBe(true);
    expect(isListed('nginx', `import { json } from './json/json.js';`)).toBe(false);
  });

  it('name the kinds of cases that are not there', () => {
    expect(missingCases('cases: [{kind: fires}, {kind: quiet}]')).toEqual(['near_miss']);
    expect(missingCases('')).toEqual(['fires', 'quiet', 'near_miss']);
  });

  it('name what a rule lacks, and an id that is given twice', () => {
    const input = 'title: Input\nid: a\nname: input\n';
    const burst = 'title: Burst\nid: a\nname: burst\nlevel: high\ntags: [attack.t1110, owasp.api2]\ncorrelation: { rules: [input] }\n';
    expect(lackingInRules([{ file: 'rule.yml', text: `${input}---\n${burst}` }])).toEqual([
      'rule.yml: Burst: a is taken by rule.yml: Input',
      'rule.yml: Burst: has no description',
      'rule.yml: Burst: has no author',
      'rule.yml: Burst: has no false positives',
      'rule.yml: Burst: has no runbook',
      'rule.yml: Burst: has no known gaps',
    ]);
  });
});
