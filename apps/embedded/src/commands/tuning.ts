import { ruleTuning, type RuleTuning } from '#detection';
import { formatProblems, loadConfig } from '#config';
import { CommandError, exitCodes } from './io.js';

export interface TuningOptions {
  readonly tuning?: string;
  readonly sensitivity?: string;
}

export const tuningOption = [
  '--tuning <file>',
  'YAML with sensitivity, overrides and exceptions, as under `detection` of the configuration',
] as const;
export const sensitivityOption = ['--sensitivity <level>', 'strict, balanced or quiet'] as const;

/** How rules are adjusted, by a file and an option that goes over it. */
export function readTuning({ tuning, sensitivity }: TuningOptions): RuleTuning {
  const read = loadConfig({ schema: ruleTuning, file: tuning, env: {} });
  if (!read.ok) throw new CommandError(formatProblems(read.problems), exitCodes.badInput);
  const level = ruleTuning.shape.sensitivity.safeParse(sensitivity ?? read.value.sensitivity);
  if (!level.success) throw new CommandError(`--sensitivity: expected strict, balanced or quiet, got "${sensitivity}"`, exitCodes.badInput);
  return { ...read.value, sensitivity: level.data };
}
