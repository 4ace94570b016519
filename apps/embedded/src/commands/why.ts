import type { Command } from 'commander';
import { addEventInputOptions, openEventInput, type EventInputOptions } from '../backtest/event-input.js';
import { readEntity } from '../why/entity.js';
import { explainEntity } from '../why/explain-entity.js';
import { renderExplanation } from '../why/render.js';
import { watchedRule } from '../why/watched-rule.js';
import { requireAnalysisConfig } from './analysis-config.js';
import { collect } from './input-options.js';
import { CommandError, exitCodes, type Io } from './io.js';
import { pathsOf, versionOf } from './rules-backtest.js';

interface WhyOptions extends EventInputOptions {
  readonly rules: string[];
  readonly shipped: boolean;
  readonly config?: string;
  readonly json?: boolean;
}

export function addWhy(program: Command, io: Io): void {
  addQuestion(program, io, {
    name: 'why',
    description: 'Says what a rule counted for somebody: events, threshold, signals. Ends with 1 where it did not fire.',
    mustFire: true,
  });
}

export function addWhyNot(program: Command, io: Io): void {
  addQuestion(program, io, {
    name: 'why-not',
    description: 'Says why a rule did not fire for somebody: how close it came, and what kept events from counting.',
    mustFire: false,
  });
}

interface QuestionKind {
  readonly name: string;
  readonly description: string;
  readonly mustFire: boolean;
}

function addQuestion(program: Command, io: Io, { name, description, mustFire }: QuestionKind): void {
  const command = program
    .command(name)
    .description(description)
    .argument('<rule>', 'id, name or title of the rule')
    .argument('<entity>', 'a value that the rule groups by, such as an address or a user; or field=value')
    .argument('[files...]', 'log files, plain or gzip; - is standard input')
    .option('--rules <path>', 'rules of your own, a file or folder; may be repeated; left out: those of the configuration', collect, [])
    .option('--no-shipped', 'leave the shipped rules out')
    .option('--json', 'the answer as JSON');
  addEventInputOptions(command).action(async (rule: string, entity: string, files: string[], options: WhyOptions) => {
    const config = await requireAnalysisConfig(options.config, io);
    const { rules, index } = versionOf(pathsOf(options.rules, config), options, config);
    const watched = watchedRule(rule, { rules, index });
    const input = await openEventInput(files, options, { config, io });
    try {
      const about = readEntity(entity, index, config.detection.ipv6_prefix);
      const told = await explainEntity(input, { watched, entity: about, rules, index });
      await io.out(options.json ? `${JSON.stringify(told, undefined, 2)}\n` : renderExplanation(told));
      if (mustFire && !told.fired) throw new CommandError('', exitCodes.badInput);
    } finally {
      await input.close();
    }
  });
}
