import type { FieldIndex } from '#ecs';
import { printable } from '#telemetry';
import { shippedRulesDir } from '../rule-cases/shipped-rules.js';
import { ruleTypes } from '../rule-types/rule-types.js';
import { loadRules } from './load-rules.js';
import { readPipelines, separatePipelines, shippedPipelines } from './pipelines.js';
import { readRuleFiles } from './read-rule-files.js';
import type { RuleProblem, RuleSet } from './rule.js';
import type { RuleTuning } from './tuning.js';

/** Files as `readRuleFiles` gives them. */
export type RuleFiles = readonly ReturnType<typeof readRuleFiles>[number][];

/** How rule files are read together. */
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
export interface ConfiguredRules extends RuleTuning {
  readonly rules: readonly string[];
  readonly shipped: boolean;
}

/** Reads the rules that a configuration names, adjusted as it says. */
export function loadConfigured(
  { rules, shipped, sensitivity, overrides, exceptions }: ConfiguredRules,
  index: Pick<FieldIndex, 'slot'>,
): { rules: RuleSet; problems: readonly RuleProblem[] } {
  return loadRuleSet(rules, { index, shipped, tuning: { sensitivity, overrides, exceptions } });
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

/** One line a problem: `rules/burst.yml:12  unknown modifier 'contians': did you mean 'contains'?` */
export function formatRuleProblems(problems: readonly RuleProblem[]): string {
  return problems.map(({ file, line, message }) => printable(line > 0 ? `${file}:${line}  ${message}` : `${file}.${message}`)).join('\n');
}

/** Rules that can yield a signal. */
export function countRules({ detections, correlations }: RuleSet): number {
  return detections.filter(({ generates }) => generates).length + correlations.filter(({ generates }) => generates).length;
}
