import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FieldIndex } from '#ecs';
import { JsonLines } from '../json/json-lines.js';
import { ruleTypes } from '../rule-types/rule-types.js';
import { loadRules, type LoadedRules } from './load-rules.js';
import { readRuleFiles } from './read-rule-files.js';

const folder = resolve(import.meta.dirname, '../../../../../shared/data/sigma');
const there = existsSync(folder);
if (!there) process.stderr.write(`SKIPPED: Sigma's sample rules are not at ${folder}\n`);

function load(path: string, index = new FieldIndex()): LoadedRules {
  const files = readRuleFiles(join(folder, path)).filter(({ file }) => !file.endsWith('info.yml'));
  return loadRules(files, { index, ruleTypes });
}

describe.skipIf(!there)("Sigma's own rules", () => {
  it.each(['rules', 'auth0det', 'regression'])('of %s load without a problem', (path) => {
    expect(load(path).problems).toEqual([]);
  });

  it('of the specification load, save for references to rules that are not there', () => {
    const { problems, rules } = load('sigmaspec');
    expect(problems.filter(({ message }) => !/no rule has the id|is there twice/.test(message))).toEqual([]);
    expect(rules.detections).toHaveLength(1);
  });

  it('that Okta publishes load where there is a filter of its System Log; queries of another language are refused with a reason', () => {
    const { problems, rules } = load('oktadet');
    expect(rules.detections).toHaveLength(8);
    expect(problems.filter(({ message }) => message.includes("'condition' is missing, so this is no Sigma detection"))).toHaveLength(2);
  });

  const cases = there ? readdirSync(join(folder, 'regression')) : [];
  it.each(cases)('%s matches the events that it was published with', (id) => {
    const index = new FieldIndex();
    const { rules } = load(`regression/${id}`, index);
    const lines = new JsonLines({ index, fields: rules.matcher.fields, allText: rules.matcher.readsAllText, source: 'test', tag: 't' });
    const found = new Int32Array(1);
    const matched: number[] = [];
    lines.read(readFileSync(join(folder, 'regression', id, 'events.jsonl')), Date.UTC(2027, 0), {
      event: ({ values }) => matched.push(rules.matcher.match(values, found)),
      rejected: (letter) => expect.unreachable(letter.message),
    });
    expect(matched).toContain(1);
  });
});
