import type { FieldIndex } from '#ecs';
import { loadRules, readRuleFiles, ruleTypes, shippedRulesDir, type RuleProblem, type RuleSet } from '#detection';
import { printable } from '#telemetry';
import { CommandError, exitCodes } from '../commands/io.js';

/** The rule files of some paths, and with `shipped` those that come with the product. */
export function ruleFiles(paths: readonly string[], shipped: boolean): ReturnType<typeof readRuleFiles> {
  return [...(shipped ? [shippedRulesDir()] : []), ...paths].flatMap((path) => readRuleFiles(path));
}

/** Reads the rules of some files and folders together. */
export function loadRuleSet(
  paths: readonly string[],
  { index, shipped }: { index: Pick<FieldIndex, 'slot'>; shipped: boolean },
): { rules: RuleSet; problems: readonly RuleProblem[] } {
  return loadRules(ruleFiles(paths, shipped), { index, ruleTypes });
}

/** The same for commands: anything wrong with a rule ends the command, with every problem told. */
export function requireRuleSet(paths: readonly string[], options: { index: Pick<FieldIndex, 'slot'>; shipped: boolean }): RuleSet {
  return requireRules(ruleFiles(paths, options.shipped), options.index);
}

/** The same of files that were read already. */
export function requireRules(files: ReturnType<typeof readRuleFiles>, index: Pick<FieldIndex, 'slot'>): RuleSet {
  const { rules, problems } = loadRules(files, { index, ruleTypes });
  if (problems.length) throw new CommandError(formatRuleProblems(problems), exitCodes.badInput);
  return rules;
}

/** One line a problem: `rules/burst.yml:12  unknown modifier 'contians': did you mean 'contains'?` */
export function formatRuleProblems(problems: readonly RuleProblem[]): string {
  return problems.map(({ file, line, message }) => printable(`${file}:${line}  ${message}`)).join('\n');
}

/** Rules that can yield a signal. */
export function countRules({ detections, correlations }: RuleSet): number {
  return detections.filter(({ generates }) => generates).length + correlations.filter(({ generates }) => generates).length;
}
