import type { Command } from 'commander';
import { FieldIndex } from '#ecs';
import { backtest, type RuleVersion } from '../backtest/backtest.js';
import { addEventInputOptions, openEventInput, type EventInputOptions } from '../backtest/event-input.js';
import { readLabels } from '../backtest/labels.js';
import { renderBacktest } from '../backtest/render.js';
import { requireRuleSet } from '../rules/load-rule-set.js';
import { requireAnalysisConfig, type AnalysisConfig } from './analysis-config.js';
import { collect } from './input-options.js';
import { CommandError, type Io } from './io.js';

interface BacktestOptions extends EventInputOptions {
  readonly rules: string[];
  readonly shipped: boolean;
  readonly against: string[];
  readonly labels?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly all?: boolean;
}

export function addBacktest(rules: Command, io: Io): void {
  const command = rules
    .command('backtest')
    .description('runs rules over what happened, with the live detector, and says what would have been found and who would have been told')
    .argument('[files...]', 'log files, plain or gzip; - is standard input; several are merged by time')
    .option('--rules <path>', 'rules of your own, a file or folder; may be repeated; left out: those of the configuration', collect, [])
    .option('--no-shipped', 'leave the shipped rules out')
    .option(
      '--against <path>',
      'compare with this version of the rules of your own, in place of those of --rules; may be repeated',
      collect,
      [],
    )
    .option('--labels <file>', 'verdicts on signals: JSON, NDJSON or CSV with signal, or rule and entity, and verdict')
    .option('--json', 'the result as JSON')
    .option('--all', 'every difference and entity');
  addEventInputOptions(command).action((files: string[], options: BacktestOptions) => run(files, options, io));
}

async function run(files: readonly string[], options: BacktestOptions, io: Io): Promise<void> {
  const config = await requireAnalysisConfig(options.config, io);
  const version = versionOf(pathsOf(options.rules, config), options, config);
  const against = options.against.length ? versionOf(options.against, options, config) : undefined;
  const labels = options.labels === undefined ? undefined : readLabels(options.labels);
  const input = await openEventInput(files, options, { config, io });
  try {
    if (against && !input.rereadable) throw new CommandError('--against reads the events twice: give a file, not standard input');
    const { alerting } = config;
    const { broken, ...result } = await backtest({ input, version, alerting, ...(against && { against }), ...(labels && { labels }) });
    await io.out(options.json ? `${JSON.stringify(result, undefined, 2)}\n` : renderBacktest(result, options.all ?? false));
    if (broken.length) throw new CommandError(broken.map(({ message }) => `gatewatch: ${message}`).join('\n'));
  } finally {
    await input.close();
  }
}

/** The rules named, or those that the service would have. */
export function pathsOf(rules: readonly string[], { detection }: AnalysisConfig): readonly string[] {
  return rules.length ? rules : detection.rules;
}

export function versionOf(
  paths: readonly string[],
  { shipped }: { readonly shipped: boolean },
  { detection }: AnalysisConfig,
): RuleVersion {
  const index = new FieldIndex();
  // Overrides and exceptions name rules: they hold for those of the configuration, not for a choice that may lack them.
  const configured = paths === detection.rules && shipped;
  const { sensitivity, overrides, exceptions } = detection;
  const tuning = configured ? { sensitivity, overrides, exceptions } : { sensitivity, overrides: [], exceptions: [] };
  return { rules: requireRuleSet(paths, { index, shipped: shipped && detection.shipped, tuning }), index };
}
