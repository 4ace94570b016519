import type { Command } from 'commander';
import { FieldIndex, levels, type SignalRule } from '#ecs';
import { printable } from '#telemetry';
import { countRules, requireRuleSet } from '../rules/load-rule-set.js';
import type { Io } from './io.js';

interface RulesOptions {
  readonly rules: string[];
  readonly shipped: boolean;
}

export function addRules(program: Command, io: Io): void {
  const rules = program.command('rules').description('What is watched for.');
  const withOptions = (command: Command): Command =>
    command.option('--rules <path...>', 'rules of your own, files or folders', []).option('--no-shipped', 'leave the shipped rules out');
  withOptions(rules.command('list').description('every rule that can give a signal, by severity')).action(
    async ({ rules: paths, shipped }: RulesOptions) => {
      const set = requireRuleSet(paths, { index: new FieldIndex(), shipped });
      const found: SignalRule[] = [...set.detections, ...set.correlations].filter(({ generates }) => generates).map(({ rule }) => rule);
      found.sort((a, b) => levels.indexOf(b.level) - levels.indexOf(a.level) || a.title.localeCompare(b.title));
      for (const { level, title, name, id, asks, techniques } of found)
        await io.out(
          `${level.padEnd(13)} ${printable(title)}\n              ${printable(name ?? id)}, asks for ${asks}${techniques.length ? `; ${techniques.join(', ')}` : ''}\n`,
        );
    },
  );
  withOptions(rules.command('lint').description('says everything that is wrong with rule files')).action(
    async ({ rules: paths, shipped }: RulesOptions) => {
      const set = requireRuleSet(paths, { index: new FieldIndex(), shipped });
      await io.out(
        `${countRules(set)} rules that give signals, ${set.detections.length} detections and ${set.correlations.length} correlations: fine\n`,
      );
    },
  );
}
