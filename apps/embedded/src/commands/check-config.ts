import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { describeSchema, formatProblems } from '#config';
import { FieldIndex } from '#ecs';
import { enrichmentProblems, readSource } from '#ingest';
import { printable } from '#telemetry';
import { configFile, embeddedConfig, readConfig, type EmbeddedConfig } from '../config.js';
import { formatRuleProblems, loadConfigured } from '../rules/load-rule-set.js';
import { CommandError, exitCodes, type Io } from './io.js';
import { mappingProblems } from './mapping.js';

export function addCheckConfig(program: Command, io: Io): void {
  program
    .command('check-config')
    .description(
      'Says everything that is wrong with the configuration, and with what it names (rules, mapping and OpenAPI files, databases, feeds, lists), without starting anything.',
    )
    .argument('[file]', `configuration file; ${configFile} if it is there`)
    .option('--reference', 'print the reference of all settings, as Markdown')
    .action(async (file: string | undefined, { reference }: { reference?: boolean }) => {
      if (reference) return io.out(describeSchema(embeddedConfig));
      const { detection, ingest, sources } = requireConfig(file, io);
      const mappings = sources.flatMap(({ mapping_file: mapping, time_zone: timeZone }, nth) =>
        mapping === undefined ? [] : [{ file: mapping, path: `sources[${nth}].mapping_file`, timeZone }],
      );
      // Mapping files were read above, with their cases.
      const apis = sources.flatMap((source, nth) => {
        const read = readSource({ ...source, mapping_file: undefined });
        return read.ok ? [] : [`${file ?? configFile}  sources[${nth}].openapi: ${read.problem}`];
      });
      const enrichment = enrichmentProblems(ingest).map((text) => `${file ?? configFile}  ingest: ${printable(text)}`);
      const wrong = [mappingProblems(mappings, file ?? configFile), ...apis, ...enrichment].filter(Boolean).join('\n');
      if (wrong) throw new CommandError(wrong, exitCodes.badConfig);
      const { problems } = loadConfigured(detection, new FieldIndex());
      if (problems.length) throw new CommandError(formatRuleProblems(problems), exitCodes.badInput);
      await io.out(`${file ?? (existsSync(configFile) ? configFile : 'defaults')}: fine\n`);
    });
}

/** The configuration, or the end of the command with every problem told. Warnings go to stderr. */
export function requireConfig(file: string | undefined, io: Io): EmbeddedConfig {
  const path = file ?? (existsSync(configFile) ? configFile : undefined);
  const result = readConfig(path, io.env);
  if (!result.ok) throw new CommandError(formatProblems(result.problems), exitCodes.badConfig);
  if (result.warnings.length) io.err(`${formatProblems(result.warnings)}\n`);
  return result.value;
}
