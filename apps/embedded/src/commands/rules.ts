import type { Command } from 'commander';
import { FieldIndex, levels, type SignalRule } from '#ecs';
import { printable } from '#telemetry';
import { requireRuleSet } from '../rules/load-rule-set.js';
import type { Io } from './io.js';
import { addBacktest } from './rules-backtest.js';
import { addImport } from './rules-import.js';
import { addLint } from './rules-lint.js';
import { addNew } from './rules-new.js';
import { addShow } from './rules-show.js';
import { addPublish } from './rules-publish.js';
import { addTest } from './rules-test.js';

export function addRules(program: Command, io: Io): void {
  const rules = program.command('rules').description('What is watched for.');
  addList(rules, io);
  addShow(rules, io);
  addLint(rules, io);
  addTest(rules, io);
  addBacktest(rules, io);
  addImport(rules, io);
  addNew(rules, io);
  addPublish(rules, io);
}

interface ListOptions {
  readonly rules: string[];
  readonly shipped: boolean;
}

function addList(rules: Command, io: Io): void {
  rules
    .command('list')
    .description('every rule that can give a signal, by severity')
    .option('--rules <path...>', 'rules of your own, files or folders', [])
    .option('--no-shipped', 'leave the shipped rules out')
    .action(async ({ rules: paths, shipped }: ListOptions) => {
      const set = requireRuleSet(paths, { index: new FieldIndex(), shipped });
      const found: SignalRule[] = [...set.detections, ...set.correlations].filter(({ generates }) => generates).map(({ rule }) => rule);
      found.sort((a, b) => levels.indexOf(b.level) - levels.indexOf(a.level) || a.title.localeCompare(b.title));
      for (const { level, title, name, id, asks, techniques } of found)
        await io.out(
          `${level.padEnd(13)} ${printable(title)}\n              ${printable(name ?? id)}, asks for ${asks}${techniques.length ? `; ${techniques.join(', ')}` : ''}\n`,
        );
    });
}
