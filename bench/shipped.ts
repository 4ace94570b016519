import { loadRules, readRuleFiles, ruleTypes, shippedRulesDir, type RuleSet } from '#detection';
import { FieldIndex } from '#ecs';

/** The rules that come with the product. */
export function shippedRules(): RuleSet {
  return loadRules(readRuleFiles(shippedRulesDir()), { index: new FieldIndex(), ruleTypes }).rules;
}

/** Their names by id: signals carry ids, the truth of a generated day has names. */
export function shippedNames(): Map<string, string> {
  const { detections, correlations } = shippedRules();
  return new Map([...detections, ...correlations].map(({ rule }) => [rule.id, rule.name ?? rule.id]));
}
