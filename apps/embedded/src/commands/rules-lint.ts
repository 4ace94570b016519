import type { Command } from 'commander';
import { lintRules } from '#detection';
import { FieldIndex } from '#ecs';
import { countRules, formatRuleProblems, requireRules, ruleFiles } from '../rules/load-rule-set.js';
import { CommandError, exitCodes, type Io } from './io.js';

interface LintOptions {
  readonly rules: string[];
  readonly shipped: boolean;
  readonly field: string[];
  readonly strict?: boolean;
}

export function addLint(rules: Command, io: Io): void {
  rules
    .command('lint')
    .description('says everything that is wrong with rule files, and warns of what will be regretted')
    .option('--rules <path...>', 'rules of your own, files or folders', [])
    .option('--no-shipped', 'leave the shipped rules out')
    .option('--field <name...>', 'further fields that your events have', [])
    .option('--strict', 'warnings end the command with 1, too')
    .action(async ({ rules: paths, shipped, field, strict }: LintOptions) => {
      const files = ruleFiles(paths, shipped);
      const set = requireRules(files, new FieldIndex());
      const warnings = lintRules(files, set, { knownFields: field, mapped: true });
      if (warnings.length) io.err(`${formatRuleProblems(warnings)}\n`);
      const unindexed = set.matcher.unindexed?.length ?? 0;
      const cost = `${set.detections.length - unindexed} of the detections are looked at only when an event holds what they need, ${unindexed} for every event`;
      const verdict = warnings.length === 0 ? 'fine' : warnings.length === 1 ? '1 warning' : `${warnings.length} warnings`;
      await io.out(
        `${countRules(set)} rules that give signals, ${set.detections.length} detections and ${set.correlations.length} correlations: ${verdict}\n${cost}\n`,
      );
      if (strict && warnings.length) throw new CommandError('', exitCodes.badInput);
    });
}
