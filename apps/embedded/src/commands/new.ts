import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { scaffoldMapping } from '#ingest';
import { printable } from '#telemetry';
import { CommandError, type Io } from './io.js';

export function addNew(program: Command, io: Io): void {
  program
    .command('new')
    .description('Makes the skeleton of a thing of your own.')
    .command('format')
    .description('A mapping file for your own JSON log, with cases that test it.')
    .argument('<name>', 'small letters, digits and hyphens, such as shop-api')
    .option('--dir <folder>', 'where to write it', '.')
    .action(async (name: string, { dir }: { readonly dir: string }) => {
      if (!/^[a-z][a-z0-9-]{0,63}$/.test(name))
        throw new CommandError(
          `the name "${printable(name)}" cannot be used; expected small letters, digits and hyphens, such as shop-api`,
        );
      for (const [file, text] of Object.entries(scaffoldMapping(name))) await write(join(dir, file), text, io);
    });
}

async function write(path: string, text: string, io: Io): Promise<void> {
  if (existsSync(path)) throw new CommandError(`${printable(path)} is there already; nothing was written`);
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    throw new CommandError(`${printable(path)} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
  await io.out(`wrote ${path}\n  its cases pass as they are; put your own lines there, then: gatewatch parse --mapping ${path}\n`);
}
