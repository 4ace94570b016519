import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { alternate, ratio, run, type Command } from '../measure.js';
import { findProgram, gatewatch } from '../product.js';
import { amount, atLeast, spread } from '../report.js';
import { rules36 } from '../rules36.js';
import type { Workload } from '../workload.js';
import { rates, row } from './1-scan-fail2ban.js';
import type { Goal } from './goal.js';

const agreementLines = 20_000;

/** `match` against rsigma: the same 36 rules on the same documents. */
export const matchAgainstRsigma: Goal = {
  number: 3,
  title: 'match on ECS NDJSON, 36 rules ÷ rsigma (events per CPU second)',
  must: '≥ 1.5 ×',
  aim: '≥ 2.5 ×',
  async run({ options, workload }) {
    const rsigma = findProgram('rsigma', 'RSIGMA');
    if (!rsigma)
      return { measured: false, reason: 'rsigma is not installed (cargo install --locked rsigma --version 0.23.0), or name it in RSIGMA' };
    const rules = options.rules ?? writeRules(workload);
    const { path, lines } = await workload.documents(options.lines ?? 300_000);
    const commands = (file: string): { ours: Command; theirs: Command } => ({
      ours: gatewatch(['match', '--rules', rules, file]),
      theirs: {
        program: rsigma,
        args: ['engine', 'eval', '-r', rules, '--no-stats', '--input-format', 'json', '-e', `@${file}`],
      },
    });
    const { ours, theirs } = commands(path);
    const pairs = await alternate(
      () => run(ours),
      () => run(theirs),
      options.rounds,
    );
    const found = ratio(pairs, (a, b) => b.cpu / a.cpu);
    const wall = ratio(pairs, (a, b) => b.wall / a.wall);
    const head = await workload.head(path, agreementLines);
    return {
      measured: true,
      figure: found.median,
      shown: spread(found),
      verdict: atLeast(found.median, 1.5, 2.5),
      tables: [rates([row('gatewatch match', lines, pairs.a), row('rsigma engine eval', lines, pairs.b)])],
      notes: [
        `gatewatch match --rules DIR access.ecs.ndjson; rsigma engine eval -r DIR --no-stats --input-format json -e @access.ecs.ndjson`,
        `${Math.round(statSync(path).size / lines)} bytes a document; by wall time ${spread(wall)}`,
        await agreement(commands(head.path), workload, head.lines),
      ],
      bound: 'finding the fields in the text of each document; both print every single match',
    };
  },
};

function writeRules(workload: Workload): string {
  const folder = join(dirname(workload.file('rules')), 'rules');
  mkdirSync(folder);
  // rsigma prints the matches of the rules that a correlation reads in any case.
  for (const { file, text } of rules36(true)) writeFileSync(join(folder, file), text);
  return folder;
}

/** Speed says nothing of who finds less: single matches per rule are compared on the head of the log. */
async function agreement({ ours, theirs }: { ours: Command; theirs: Command }, workload: Workload, lines: number): Promise<string> {
  const [mine, other] = [workload.file('ours'), workload.file('theirs')];
  await run({ ...ours, out: mine });
  await run({ ...theirs, out: other });
  const [a, b] = [matches(mine), matches(other)];
  const differing = [...new Set([...a.keys(), ...b.keys()])].filter((rule) => a.get(rule) !== b.get(rule));
  const total = [...a.values()].reduce((sum, count) => sum + count, 0);
  if (!differing.length) return `the same ${amount(total)} matches of ${a.size} detections on the first ${amount(lines)} documents`;
  const shown = differing.map((rule) => `${rule} ${a.get(rule) ?? 0} / ${b.get(rule) ?? 0}`);
  return `matches on the first ${amount(lines)} documents differ for ${differing.length} rules (ours / theirs): ${shown.join(', ')}`;
}

interface MatchLine {
  readonly rule?: string;
  readonly event?: unknown;
  readonly rule_title?: string;
  readonly title?: string;
  readonly correlation_type?: string;
}

/** Single matches by the rule's title. Signals of correlations are left out: engines differ in how often they tell one. */
function matches(file: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (!line.startsWith('{')) continue;
    const parsed = JSON.parse(line) as MatchLine;
    const title = parsed.rule_title ?? parsed.title;
    if (title === undefined || parsed.correlation_type !== undefined || 'signal' in parsed) continue;
    counts.set(title, (counts.get(title) ?? 0) + 1);
  }
  return counts;
}
