import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { buildPseudonyms, ingestSettings, type Pseudonyms } from '#ingest';
import { printable } from '#telemetry';
import { systemClock } from '#time';
import { appendReveal, checkReveals } from '../reveals/reveal-record.js';
import { requireConfig } from './check-config.js';
import { CommandError, exitCodes, type Io } from './io.js';

const recordFile = 'reveals.ndjson';

interface RevealOptions {
  readonly reason?: string;
  readonly config?: string;
  readonly record?: string;
}

function withOptions(command: Command): Command {
  return command
    .option('--reason <text>', 'why: it is kept in the record of reveals, before the answer is given')
    .option('--config <file>', 'configuration file with ingest.redact.pseudonyms')
    .option('--record <file>', 'record of reveals, instead of reveals.ndjson in the data directory');
}

export function addReveal(program: Command, io: Io): void {
  const command = program.command('reveal').description('Tells who stands behind a pseudonym, and keeps a record of it.');
  withOptions(command.argument('<pseudonym>')).action(async (pseudonym: string, options: RevealOptions) => {
    const { pseudonyms, record } = open('reveal', pseudonym, options, io);
    const plain = pseudonyms.reveal(pseudonym);
    record(plain === undefined ? 'unknown' : 'revealed');
    if (plain === undefined) throw new CommandError(`${printable(pseudonym)} is no pseudonym by the configured key`);
    await io.out(`${printable(plain)}\n`);
  });
}

export function addPseudonym(program: Command, io: Io): void {
  const command = program
    .command('pseudonym')
    .description("Tells a user's or an address's pseudonym, to search for it, and keeps a record of it.");
  withOptions(command.argument('<value>')).action(async (value: string, options: RevealOptions) => {
    const { pseudonyms, record } = open('pseudonym', value, options, io);
    const address = pseudonyms.address(value);
    const pseudonym = address === value ? pseudonyms.user(value) : address;
    // The pseudonym, not the value: the record must not become a list of names.
    record('told', pseudonym);
    await io.out(`${pseudonym}\n`);
  });
}

export function addReveals(program: Command, io: Io): void {
  program
    .command('reveals')
    .description('The record of who asked for whom, and why.')
    .command('check')
    .description('says whether a line of the record was changed or taken out; ends with 1 where one was')
    .option('--config <file>', 'configuration file; gatewatch.yml if it is there')
    .option('--record <file>', 'record of reveals, instead of reveals.ndjson in the data directory')
    .action(async ({ config, record }: RevealOptions) => {
      const path = record ?? join(requireConfig(config, io).data_dir, recordFile);
      const { lines, broken, end } = checkReveals(path);
      if (broken)
        throw new CommandError(`${path}:${broken}  does not follow from the line before it: one of the two was changed, or lines between were taken out`); // prettier-ignore
      const amount = lines === 1 ? '1 line' : `${lines} lines`;
      await io.out(`${path}: ${amount}, each follows from the one before\n  end ${end}: kept elsewhere, it shows whether the end is cut off later\n`); // prettier-ignore
    });
}

interface Opened {
  readonly pseudonyms: Pseudonyms;
  record(outcome: 'revealed' | 'unknown' | 'told', pseudonym?: string): void;
}

function open(action: 'reveal' | 'pseudonym', asked: string, { reason, config: file, record: path }: RevealOptions, io: Io): Opened {
  const why = reason?.trim() ?? '';
  if (why.length < 3) throw new CommandError('nobody is revealed without a reason: give one with --reason, such as a ticket and what for');
  const config = requireConfig(file, io);
  const settings = ingestSettings(config.ingest, undefined).pseudonyms;
  if (!settings) throw new CommandError('the configuration has no ingest.redact.pseudonyms, so there is no key', exitCodes.badConfig);
  const pseudonyms = buildPseudonyms(settings);
  const where = path ?? join(config.data_dir, recordFile);
  return {
    pseudonyms,
    record: (outcome, pseudonym = asked) =>
      appendReveal(where, {
        at: new Date(systemClock.now()).toISOString(),
        by: userInfo().username,
        action,
        pseudonym: pseudonym.slice(0, 2048),
        reason: why.slice(0, 2048),
        outcome,
      }),
  };
}
