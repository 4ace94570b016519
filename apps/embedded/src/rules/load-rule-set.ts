import {
  formatRuleProblems,
  loadConfigured,
  loadFiles,
  loadRuleSet,
  type ConfiguredRules,
  type RuleFiles,
  type RuleProblem,
  type RuleSet,
  type RuleSetOptions,
  type RuleTuning,
} from '#detection';
import type { FieldIndex } from '#ecs';
import { CommandError, exitCodes } from '../commands/io.js';

export { countRules, formatRuleProblems, loadConfigured, loadFiles, loadRuleSet, ruleFiles } from '#detection';

/** The rules that a configuration names, for commands: anything wrong with a rule ends the command, with every problem told. */
export function requireConfigured(config: ConfiguredRules, index: Pick<FieldIndex, 'slot'>): RuleSet {
  return sound(loadConfigured(config, index));
}

/** The same of some files and folders. */
export function requireRuleSet(paths: readonly string[], options: RuleSetOptions): RuleSet {
  return sound(loadRuleSet(paths, options));
}

/** The same of files that were read already. */
export function requireRules(files: RuleFiles, index: Pick<FieldIndex, 'slot'>, tuning?: RuleTuning): RuleSet {
  return sound(loadFiles(files, { index, ...(tuning && { tuning }) }));
}

function sound({ rules, problems }: { rules: RuleSet; problems: readonly RuleProblem[] }): RuleSet {
  if (problems.length) throw new CommandError(formatRuleProblems(problems), exitCodes.badInput);
  return rules;
}
