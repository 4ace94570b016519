import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JsonLines, loadRules, readRuleFiles, ruleTypes, shippedPipelines } from '#detection';
import { FieldIndex } from '#ecs';
import type { Table } from '../report.js';

/** Published rules: how many load, and how many of the published pairs match. */
export function sigmaTables(folder: string): Table[] {
  const sets = readdirSync(folder).filter((name) => name !== 'regression');
  const pairs = readdirSync(join(folder, 'regression')).map((id) => pairOf(join(folder, 'regression', id)));
  const sum = (what: (pair: { events: number; matched: number }) => number): number => pairs.reduce((total, pair) => total + what(pair), 0);
  return [
    { head: ['sigma: set', 'files', 'load', 'rules', 'refused for'], rows: sets.map((name) => setRow(folder, name)) },
    {
      head: ['sigma: regression', 'pairs', 'with a match', 'events', 'matched'],
      rows: [
        [
          'all',
          pairs.length,
          pairs.filter(({ matched }) => matched > 0).length,
          sum(({ events }) => events),
          sum(({ matched }) => matched),
        ].map(String),
      ],
    },
  ];
}

function setRow(folder: string, name: string): string[] {
  const files = readRuleFiles(join(folder, name)).filter(({ file }) => !file.endsWith('info.yml'));
  const { rules, problems } = loadRules(files, { index: new FieldIndex(), ruleTypes, pipelines: shippedPipelines() });
  const refused = new Set(problems.map(({ file }) => file)).size;
  const first = problems[0]?.message ?? '';
  return [name, files.length, files.length - refused, rules.detections.length + rules.correlations.length, first.slice(0, 60)].map(String);
}

function pairOf(folder: string): { events: number; matched: number } {
  const index = new FieldIndex();
  const { rules } = loadRules(readRuleFiles(folder).filter(({ file }) => !file.endsWith('info.yml')), { index, ruleTypes }); // prettier-ignore
  const { matcher } = rules;
  const lines = new JsonLines({ index, fields: matcher.fields, allText: matcher.readsAllText, source: 'pair', tag: 'pair' });
  const found = new Int32Array(Math.max(1, rules.detections.length));
  const counts = { events: 0, matched: 0 };
  lines.read(readFileSync(join(folder, 'events.jsonl')), Date.UTC(2027, 0), {
    event: ({ values }) => {
      counts.events++;
      if (matcher.match(values, found) > 0) counts.matched++;
    },
    rejected: () => counts.events++,
  });
  return counts;
}
