import { formatRuleProblems, loadConfigured, type ConfiguredRules, type RuleSet } from '#detection';
import type { FieldIndex } from '#ecs';
import { ServiceError } from '#telemetry';

/** The rules of the configuration, adjusted as it says. @throws ServiceError `rules_invalid` that tells every problem. */
export function configuredRules(config: ConfiguredRules, index: Pick<FieldIndex, 'slot'>): RuleSet {
  const { rules, problems } = loadConfigured(config, index);
  if (problems.length) throw new ServiceError('rules_invalid', `The rules cannot be used:\n${formatRuleProblems(problems)}`);
  return rules;
}
