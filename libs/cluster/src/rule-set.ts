import {
  loadRules,
  readPipelines,
  readRuleFiles,
  ruleTypes,
  separatePipelines,
  shippedPipelines,
  shippedRulesDir,
  type RuleSet,
} from '#detection';
import type { FieldIndex } from '#ecs';
import { ServiceError } from '#telemetry';
import type { ClusterConfig } from './config.js';

/** The rules of the configuration. @throws ServiceError `rules_invalid` that tells every problem. */
export function configuredRules({ shipped, rules: paths, ...tuning }: ClusterConfig['detection'], index: FieldIndex): RuleSet {
  const { sensitivity, overrides, exceptions } = tuning;
  const files = [...(shipped ? [shippedRulesDir()] : []), ...paths].flatMap((path) => readRuleFiles(path));
  const separate = separatePipelines(files);
  const own = readPipelines(separate.pipelines);
  const { rules, problems } = loadRules(separate.rules, {
    index,
    ruleTypes,
    pipelines: [...own.pipelines, ...shippedPipelines()],
    tuning: { sensitivity, overrides, exceptions },
  });
  const all = [...own.problems, ...problems];
  if (all.length)
    throw new ServiceError(
      'rules_invalid',
      `The rules cannot be used:\n${all.map(({ file, line, message }) => `${file}:${line}  ${message}`).join('\n')}`,
    );
  return rules;
}
