import { settingsHash } from '#config';
import {
  formatRuleProblems,
  loadConfigured,
  loadFiles,
  ruleFiles,
  shippedRulesDir,
  type ConfiguredRules,
  type RuleFiles,
  type RuleProblem,
  type RuleSet,
  type RuleTuning,
} from '#detection';
import type { FieldIndex } from '#ecs';
import { ServiceError } from '#telemetry';

/** The rules of the configuration, adjusted as it says. @throws ServiceError `rules_invalid` that tells every problem. */
export function configuredRules(config: ConfiguredRules, index: Pick<FieldIndex, 'slot'>): RuleSet {
  const { rules, problems } = loadConfigured(config, index);
  if (problems.length) throw new ServiceError('rules_invalid', `The rules cannot be used:\n${formatRuleProblems(problems)}`);
  return rules;
}

/** Which rules: the later of two is that with the higher epoch, and of two that were made at one moment that with the larger hash. */
export interface RuleRef {
  /** When it was published, in milliseconds; 0 for rules that no one published: those of a process's own files. */
  readonly epoch: number;
  /** Hash of the texts and of how they are adjusted. */
  readonly hash: string;
}

/** Rules as texts, with everything that is needed to compile them elsewhere. */
export interface RuleTexts {
  readonly hash: string;
  /** Shipped files are named below `shipped:`, whatever folder they are in. */
  readonly files: RuleFiles;
  readonly tuning: RuleTuning;
}

const shipped = 'shipped:';

/** What the files of a configuration hold now. @throws ServiceError `rules_unreadable`. */
export function ruleTexts({ rules, shipped: withShipped, sensitivity, overrides, exceptions }: ConfiguredRules): RuleTexts {
  const own = shippedRulesDir();
  const files = ruleFiles(rules, withShipped).map(({ file, text }) => ({
    file: file.startsWith(own) ? shipped + file.slice(own.length).replaceAll('\\', '/') : file,
    text,
  }));
  const tuning = { sensitivity, overrides, exceptions };
  return { hash: settingsHash({ files, tuning }), files, tuning };
}

/** Compiles texts; all problems are told. */
export function compileTexts(
  { files, tuning }: Pick<RuleTexts, 'files' | 'tuning'>,
  index: Pick<FieldIndex, 'slot'>,
): { readonly rules: RuleSet; readonly problems: readonly RuleProblem[] } {
  const own = shippedRulesDir();
  const here = files.map(({ file, text }) => ({ file: file.startsWith(shipped) ? own + file.slice(shipped.length) : file, text }));
  return loadFiles(here, { index, tuning });
}

export function isLater(one: RuleRef, other: RuleRef): boolean {
  return one.epoch > other.epoch || (one.epoch === other.epoch && one.epoch > 0 && one.hash > other.hash);
}

type Headers = Readonly<Record<string, Buffer | string | readonly (Buffer | string)[] | undefined>>;

/** Headers of the message of `events` from which on other rules hold in its partition. */
export function rulesNotice({ epoch, hash }: RuleRef): Readonly<Record<string, string>> {
  return { rules: `${epoch} ${hash}` };
}

/** Undefined for every other message. */
export function readRulesNotice(headers: Headers | undefined): RuleRef | undefined {
  const found = /^(\d{1,15}) ([0-9a-f]{16})$/.exec(headers?.['rules']?.toString() ?? '');
  return found ? { epoch: Number(found[1]), hash: found[2]! } : undefined;
}
