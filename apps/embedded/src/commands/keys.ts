import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { KeyRing } from '#http';
import { printable } from '#telemetry';
import { systemClock } from '#time';
import { requireConfig } from './check-config.js';
import { CommandError, type Io } from './io.js';

interface KeyOptions {
  readonly config?: string;
  readonly data?: string;
  readonly file?: string;
}

const scopes = ['logs:write', 'read', 'admin'] as const;

export function addKeys(program: Command, io: Io): void {
  const keys = program
    .command('keys')
    .description('API keys of a data directory, or of the file of `gatewatch query`; a running service sees changes within a second.');
  const withOptions = (command: Command): Command =>
    command
      .option('--config <file>', 'configuration file')
      .option('--data <dir>', 'data directory, instead of the configured one')
      .option('--file <file>', 'key file of `gatewatch query`; the first `add` makes it');
  withOptions(keys.command('list').description('every key, never its text')).action(async (options: KeyOptions) => {
    for (const { id, name, scope, created, lastUsed, revoked } of (await open(options, io)).list())
      await io.out(
        `${id}  ${scope.padEnd(10)}  ${printable(name)}  made ${created}${lastUsed ? `, used ${lastUsed}` : ''}${revoked ? `, revoked ${revoked}` : ''}\n`,
      );
  });
  withOptions(
    keys.command('add').description('makes a key and shows it once').argument('<name>').argument('<scope>', scopes.join(', ')),
  ).action(async (name: string, scope: string, options: KeyOptions) => {
    const known = scopes.find((one) => one === scope);
    if (!known) throw new CommandError(`the scope "${printable(scope)}" is not known; expected one of ${scopes.join(', ')}`);
    await io.out(`${(await open(options, io)).add(name, known).text.reveal()}\n`);
  });
  withOptions(keys.command('revoke').description('ends a key').argument('<id or name>')).action(
    async (key: string, options: KeyOptions) => {
      const revoked = (await open(options, io)).revoke(key);
      if (!revoked) throw new CommandError(`there is no key "${printable(key)}"`);
      await io.out(`revoked ${revoked.id} (${printable(revoked.name)})\n`);
    },
  );
}

async function open({ config, data, file }: KeyOptions, io: Io): Promise<KeyRing> {
  // Loaded here and not above: the list of commands need not wait for Nest.
  const { KeyRing } = await import('#http');
  if (file !== undefined) return KeyRing.ofFile(file, systemClock);
  const directory = data ?? requireConfig(config, io).data_dir;
  if (!existsSync(join(directory, 'keys.json')))
    throw new CommandError(`${directory} has no keys yet: start Gatewatch there once, or name its data directory with --data`);
  return KeyRing.open({ directory, clock: systemClock }).ring;
}
