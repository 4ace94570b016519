import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { manyRules } from '../many-rules.js';
import { alternate, ratio, run, type Command } from '../measure.js';
import { findProgram, gatewatch } from '../product.js';
import { atLeast, spread } from '../report.js';
import type { Workload } from '../workload.js';
import { rates, row } from './1-scan-fail2ban.js';
import type { Goal } from './goal.js';

const count = 3000;

/** `match` against rsigma with thousands of rules; goal 5 measures what loading them takes. */
export const manyRulesAgainstRsigma: Goal = {
  number: 4,
  title: `match on ECS NDJSON, ${count} rules ÷ rsigma (events per CPU second, loading and all)`,
  must: '≥ 0.8 ×',
  aim: '≥ 1.5 ×',
  async run({ options, workload }) {
    const rsigma = findProgram('rsigma', 'RSIGMA');
    if (!rsigma)
      return { measured: false, reason: 'rsigma is not installed (cargo install --locked rsigma --version 0.23.0), or name it in RSIGMA' };
    const rules = writeRules(workload);
    const { path, lines } = await workload.documents(options.lines ?? 300_000);
    const ours: Command = gatewatch(['match', '--rules', rules, path]);
    const theirs: Command = {
      program: rsigma,
      args: ['engine', 'eval', '-r', rules, '--no-stats', '--input-format', 'json', '-e', `@${path}`],
    };
    const pairs = await alternate(
      () => run(ours),
      () => run(theirs),
      options.rounds,
    );
    const found = ratio(pairs, (a, b) => b.cpu / a.cpu);
    return {
      measured: true,
      figure: found.median,
      shown: spread(found),
      verdict: atLeast(found.median, 0.8, 1.5),
      tables: [rates([row('gatewatch match', lines, pairs.a), row('rsigma engine eval', lines, pairs.b)])],
      notes: ['the 36 rules, and variants of their detections with other words, a file each; loading them is part of both figures'],
      bound: 'loading the rules, then one search for all words of a field',
    };
  },
};

function writeRules(workload: Workload): string {
  const folder = join(dirname(workload.file('many-rules')), 'many-rules');
  mkdirSync(folder);
  for (const { file, text } of manyRules(count)) writeFileSync(join(folder, file), text);
  return folder;
}
