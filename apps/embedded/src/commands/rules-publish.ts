import type { Command } from 'commander';
import { formatProblems } from '#config';
import { formatRuleProblems } from '#detection';
import { createLogger } from '#telemetry';
import { CommandError, exitCodes, type Io } from './io.js';

export function addPublish(rules: Command, io: Io): void {
  rules
    .command('publish')
    .description('puts the rules of a configuration in force for all detectors of the distributed mode, without a restart')
    .requiredOption('--config <file>', 'configuration of the distributed mode')
    .action(async ({ config: file }: { config: string }) => {
      // The Kafka client is not loaded for commands that need none.
      const { publishRules, readClusterConfig } = await import('#cluster');
      const read = readClusterConfig(file, io.env);
      if (!read.ok) throw new CommandError(formatProblems(read.problems), exitCodes.badConfig);
      const logger = createLogger({ level: 'error', pretty: io.errTty });
      const { problems, ref, fresh, rules: count } = await publishRules(read.value, logger);
      if (problems.length || !ref)
        throw new CommandError(
          `${formatRuleProblems(problems)}\nNothing was published: the rules before stay in force.`,
          exitCodes.badInput,
        );
      const said = fresh ? 'are in force from here on' : 'were in force already; every partition was told again';
      await io.out(`${count} rules that give signals ${said}: ${ref.hash}, published ${new Date(ref.epoch).toISOString()}\n`);
    });
}
