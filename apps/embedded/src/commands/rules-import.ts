import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Command } from 'commander';
import {
  loadRules,
  readPipelines,
  readRuleFiles,
  rewriteRules,
  ruleTypes,
  separatePipelines,
  shippedPipelines,
  type Pipeline,
  type RuleProblem,
} from '#detection';
import { FieldIndex } from '#ecs';
import { printable } from '#telemetry';
import { formatRuleProblems } from '../rules/load-rule-set.js';
import { collect } from './input-options.js';
import { CommandError, exitCodes, type Io } from './io.js';

interface ImportOptions {
  readonly out?: string;
  readonly pipeline?: string[];
  readonly mapping: boolean;
  readonly all?: boolean;
}

export function addImport(rules: Command, io: Io): void {
  rules
    .command('import')
    .description(
      'reads a folder of Sigma rules, tells which can be used and why others cannot, and writes those that can in our field names',
    )
    .argument('<folder>', 'rules, for example a copy of the Sigma repository; nothing is fetched')
    .option('--out <folder>', 'write the rules that load there, with the mapping applied; the rest is left out')
    .option('--pipeline <file>', 'a field mapping of your own, may be repeated; goes before the shipped ones', collect)
    .option('--no-mapping', 'leave field names as they are')
    .option('--all', 'tell every problem, not counts and examples')
    .action((folder: string, options: ImportOptions) => importRules(folder, options, io));
}

async function importRules(folder: string, { out, pipeline = [], mapping, all }: ImportOptions, io: Io): Promise<void> {
  const { rules: read, pipelines: beside } = separatePipelines(readRuleFiles(folder));
  // A repository of rules holds other YAML, too: descriptions of tests, build files.
  const files = read.filter(({ text }) => /^\s*['"]?(?:detection|correlation|filter)['"]?\s*:/m.test(text));
  const own = readPipelines([...pipeline.flatMap((path) => readRuleFiles(path)), ...beside]);
  if (own.problems.length) throw new CommandError(formatRuleProblems(own.problems), exitCodes.badInput);
  const pipelines: readonly Pipeline[] = mapping ? [...own.pipelines, ...shippedPipelines()] : own.pipelines;
  const { rules, problems } = loadRules(files, { index: new FieldIndex(), ruleTypes, ...(pipelines.length > 0 && { pipelines }) });
  const failed = new Set(problems.map(({ file }) => file));
  const sound = files.filter(({ file }) => !failed.has(file));
  const lines = [
    ...(read.length > files.length ? [`${read.length - files.length} files hold no rule (no detection, correlation or filter)`] : []),
    `${files.length} files: ${sound.length} load, ${failed.size} do not; ${rules.detections.length} detections and ${rules.correlations.length} correlations`,
    ...tell(problems, all === true),
  ];
  const applied = new Map<string, number>();
  const unknown = new Map<string, number>();
  for (const file of sound) {
    const written = rewriteRules(file, rules, pipelines);
    for (const name of written.pipelines.length ? written.pipelines : ['no mapping']) count(applied, name);
    for (const name of written.unknown) count(unknown, name);
    if (out === undefined) continue;
    const target = join(out, relative(folder, file.file) || 'rule.yml');
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, written.text);
  }
  lines.push(`Mapping: ${list(applied)}`);
  if (unknown.size) lines.push(`Fields that no mapping knows, kept as they are: ${list(unknown)}`);
  if (out !== undefined) lines.push(`Written to ${out}: ${sound.length} files. Keep authors and licence where you share them.`);
  await io.out(`${lines.map(printable).join('\n')}\n`);
  if (failed.size && sound.length === 0) throw new CommandError('', exitCodes.badInput);
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

const mostListed = 20;

function list(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1));
  const rest = sorted.length > mostListed ? `, and ${sorted.length - mostListed} more` : '';
  return sorted.slice(0, mostListed).map(([name, times]) => `${name} (${times})`).join(', ') + rest; // prettier-ignore
}

/** Problems by reason, the most frequent first; with `all` each by itself. */
function tell(problems: readonly RuleProblem[], all: boolean): string[] {
  if (all) return problems.map(({ file, line, message }) => `${file}:${line}  ${message}`);
  const reasons = new Map<string, RuleProblem[]>();
  for (const problem of problems) {
    const reason = reasonOf(problem.message);
    reasons.set(reason, [...(reasons.get(reason) ?? []), problem]);
  }
  return [...reasons]
    .sort(([, one], [, other]) => other.length - one.length)
    .flatMap(([reason, [first, ...rest]]) => [
      `${String(rest.length + 1).padStart(6)}  ${reason}`,
      `        for example ${first!.file}:${first!.line}`,
    ]);
}

const ownWords = /^'(?:title|detection|correlation|filter|condition|timespan|rules|type|re|cidr|all|id|name|logsource|taxonomy)'$/;

/** The message without the path it begins with, and without what differs from rule to rule. */
function reasonOf(message: string): string {
  const place = /^[^' ]*(?: [^' ]+)?: (.*)$/s.exec(message)?.[1] ?? message;
  return place
    .replace(/(got (?:the \w+ )?)'.*/s, '$1…')
    .replace(/'[^']*'/g, (quoted) => (ownWords.test(quoted) ? quoted : '…'))
    .replace(/\b\d+\b/g, '#')
    .replace(/: did you mean.*$/, '')
    .slice(0, 160);
}
