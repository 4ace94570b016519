import type { Command } from 'commander';
import { linesOfWords, ruleInWords, type Rule, type RuleSet } from '#detection';
import { FieldIndex } from '#ecs';
import { printable } from '#telemetry';
import { requireConfigured } from '../rules/load-rule-set.js';
import { requireAnalysisConfig } from './analysis-config.js';
import { collect } from './input-options.js';
import { CommandError, type Io } from './io.js';

interface ShowOptions {
  readonly rules: string[];
  readonly shipped: boolean;
  readonly config?: string;
  readonly json?: boolean;
}

export function addShow(rules: Command, io: Io): void {
  rules
    .command('show')
    .description(
      'says in plain words what a rule asks for, with overrides and exceptions of the configuration; of all rules where none is named',
    )
    .argument('[rules...]', 'ids, names or titles of rules')
    .option('--rules <path>', 'rules of your own, a file or folder; may be repeated; left out: those of the configuration', collect, [])
    .option('--no-shipped', 'leave the shipped rules out')
    .option('--config <file>', 'configuration file; gatewatch.yml if it is there')
    .option('--json', 'as JSON')
    .action((names: string[], options: ShowOptions) => show(names, options, io));
}

async function show(names: readonly string[], options: ShowOptions, io: Io): Promise<void> {
  const { detection } = await requireAnalysisConfig(options.config, io);
  const index = new FieldIndex();
  const paths = options.rules.length ? options.rules : detection.rules;
  const set = requireConfigured({ ...detection, rules: paths, shipped: options.shipped && detection.shipped }, index);
  const fields = index.names();
  const shown = names.length ? names.flatMap((name) => called(name, set)) : everySignalling(set);
  if (options.json) {
    const told = shown.map((rule) => ({ rule: rule.rule, origin: rule.origin, words: ruleInWords(rule, set, fields) }));
    return io.out(`${JSON.stringify(told, undefined, 2)}\n`);
  }
  for (const [at, rule] of shown.entries()) {
    const { title, name, id, level, type, version, techniques, description } = rule.rule;
    const head = [
      `${printable(title)}  (${level})`,
      `${printable(name ?? id)}, ${type}, version ${version}${techniques.length ? `; ${techniques.join(', ')}` : ''}`,
      `${printable(rule.origin.file)}:${rule.origin.line}`,
      ...(description ? [printable(description.trim())] : []),
      '',
    ];
    const words = linesOfWords(ruleInWords(rule, set, fields)).map((line) => printable(line));
    await io.out(`${at ? '\n' : ''}${[...head, ...words].join('\n')}\n`);
  }
}

/** Rules and their variants by id, name or title. */
function called(name: string, { detections, correlations }: RuleSet): Rule[] {
  const found = [...detections, ...correlations].filter(({ rule }) => rule.id === name || rule.name === name || rule.title === name);
  if (found.length === 0)
    throw new CommandError(`there is no rule "${printable(name)}": gatewatch rules list names those that give signals`);
  return found;
}

function everySignalling({ detections, correlations }: RuleSet): Rule[] {
  return [...detections, ...correlations].filter(({ generates }) => generates);
}
