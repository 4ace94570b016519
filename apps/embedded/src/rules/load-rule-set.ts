import type { FieldIndex } from '#ecs';
import {
  loadRules,
  readPipelines,
  readRuleFiles,
  ruleTypes,
  separatePipelines,
  shippedPipelines,
  shippedRulesDir,
  type RuleProblem,
  type RuleSet,
  type RuleTuning,
} from '#detection';
import { printable } from '#telemetry';
import { CommandError, exitCodes } from '../commands/io.js';

type RuleFiles = readonly ReturnType<typeof readRuleFiles>[number][];

export interface RuleSetOptions {
  readonly index: Pick<FieldIndex, 'slot'>;
  readonly shipped: boolean;
  /**
   * Whether field names of Sigma's taxonomies are translated to those of our events: yes unless told otherwise. Not for documents of any other shape: then only
   * pipeline files that lie among the rules are applied.
   */
  readonly mapped?: boolean;
  /** How the rules are adjusted to this site; absent: as they are written. */
  readonly tuning?: RuleTuning;
}

/** What a configuration says of rules. */
export interface DetectionConfig extends RuleTuning {
  readonly rules: readonly string[];
  readonly shipped: boolean;
}

/** Reads the rules that a configuration names, adjusted as it says. */
export function loadConfigured(
  { rules, shipped, sensitivity, overrides, exceptions }: DetectionConfig,
  index: Pick<FieldIndex, 'slot'>,
): { rules: RuleSet; problems: readonly RuleProblem[] } {
  return loadRuleSet(rules, { index, shipped, tuning: { sensitivity, overrides, exceptions } });
}

/** The same for commands: anything wrong with a rule ends the command, with every problem told. */
export function requireConfigured(config: DetectionConfig, index: Pick<FieldIndex, 'slot'>): RuleSet {
  return sound(loadConfigured(config, index));
}

/** The rule files of some paths, and with `shipped` those that come with the product. */
export function ruleFiles(paths: readonly string[], shipped: boolean): RuleFiles {
  return [...(shipped ? [shippedRulesDir()] : []), ...paths].flatMap((path) => readRuleFiles(path));
}

/** Reads the rules of some files and folders together. */
export function loadRuleSet(paths: readonly string[], options: RuleSetOptions): { rules: RuleSet; problems: readonly RuleProblem[] } {
  return loadFiles(ruleFiles(paths, options.shipped), options);
}

/** The same of files that were read already. Pipeline files among them go before the shipped ones. */
export function loadFiles(
  files: RuleFiles,
  { index, mapped = true, tuning }: Omit<RuleSetOptions, 'shipped'>,
): { rules: RuleSet; problems: readonly RuleProblem[] } {
  const separate = separatePipelines(files);
  const own = readPipelines(separate.pipelines);
  // The shipped rules are written in our own names.
  const foreign = mapped && separate.rules.some(({ file }) => !file.startsWith(shippedRulesDir()));
  const pipelines = [...own.pipelines, ...(foreign ? shippedPipelines() : [])];
  const { rules, problems } = loadRules(separate.rules, {
    index,
    ruleTypes,
    ...(pipelines.length > 0 && { pipelines }),
    ...(tuning && { tuning }),
  });
  return { rules, problems: [...own.problems, ...problems] };
}

/** The same for commands: anything wrong with a rule ends the command, with every problem told. */
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

/** One line a problem: `rules/burst.yml:12  unknown modifier 'contians': did you mean 'contains'?` */
export function formatRuleProblems(problems: readonly RuleProblem[]): string {
  return problems.map(({ file, line, message }) => printable(`${file}:${line}  ${message}`)).join('\n');
}

/** Rules that can yield a signal. */
export function countRules({ detections, correlations }: RuleSet): number {
  return detections.filter(({ generates }) => generates).length + correlations.filter(({ generates }) => generates).length;
}
