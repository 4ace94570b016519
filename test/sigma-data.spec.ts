import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { JsonLines, loadRules, readRuleFiles, ruleTypes, shippedPipelines, type LoadedRules } from '#detection';
import { FieldIndex } from '#ecs';
import { root } from './files.js';

const folder = join(root, '../shared/data/sigma');
const there = existsSync(folder);
const table: string[][] = [['set', 'files', 'load', 'rules', 'refused for']];

function load(path: string, index: FieldIndex, mapped: boolean): LoadedRules & { readonly files: number } {
  const files = readRuleFiles(join(folder, path)).filter(({ file }) => !file.endsWith('info.yml'));
  return { ...loadRules(files, { index, ruleTypes, ...(mapped && { pipelines: shippedPipelines() }) }), files: files.length };
}

/** Events of a published pair, and those that its rule matches. */
function pair(id: string): { events: number; matched: number } {
  const index = new FieldIndex();
  const { rules } = load(`regression/${id}`, index, false);
  const lines = new JsonLines({ index, fields: rules.matcher.fields, allText: rules.matcher.readsAllText, source: 'test', tag: 't' });
  const found = new Int32Array(1);
  let events = 0;
  let matched = 0;
  lines.read(readFileSync(join(folder, 'regression', id, 'events.jsonl')), Date.UTC(2027, 0), {
    event: ({ values }) => {
      events++;
      matched += rules.matcher.match(values, found);
    },
    rejected: ({ message }) => expect.unreachable(message),
  });
  return { events, matched };
}

describe.skipIf(!there)("the samples of Sigma's rules", () => {
  // What is refused holds a query of another language, or refers to a rule of the specification's text that is no file.
  it.each<[string, RegExp | undefined]>([
    ['rules', undefined],
    ['auth0det', undefined],
    ['regression', undefined],
    ['oktadet', /no Sigma detection|expected a map of fields/],
    ['sigmaspec', /no rule has the id or name|is there twice/],
  ])('of %s load, with and without field mapping', (set, refusal) => {
    for (const mapped of [false, true]) {
      const { problems, rules, files } = load(set, new FieldIndex(), mapped);
      expect(problems.filter(({ message }) => !refusal?.test(message))).toEqual([]);
      const refused = new Set(problems.map(({ file }) => file));
      const reasons = [...new Set(problems.map(({ message }) => refusal?.exec(message)?.[0] ?? ''))];
      const name = mapped ? `${set}, mapped` : set;
      table.push([name, files, files - refused.size, rules.detections.length + rules.correlations.length, reasons.join('; ')].map(String));
    }
  });

  it('match the events that they were published with', () => {
    const missed: string[] = [];
    let [pairs, events, matched] = [0, 0, 0];
    for (const id of readdirSync(join(folder, 'regression'))) {
      const found = pair(id);
      pairs++;
      events += found.events;
      matched += found.matched;
      if (found.matched === 0) missed.push(id);
    }
    table.push(['regression pairs', String(pairs), String(pairs - missed.length), `${matched} of ${events} events`, '']);
    expect(missed).toEqual([]);
  });

  afterAll(() => {
    const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
    process.stderr.write(`${table.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()).join('\n')}\n`); // prettier-ignore
  });
});
if (!there) process.stderr.write(`SKIPPED: Sigma's sample rules are not at ${folder}\n`);
