import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from './measure.js';

/** Folder of the package: this file lies below it, compiled or not. */
export const root = packageRoot();

function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** A command line of the product, as a user runs it. */
export function gatewatch(args: readonly string[], over: Partial<Command> = {}): Command {
  return { program: process.execPath, args: [join(root, 'bin/gatewatch.js'), ...args], ...over };
}

/** Whether a command of the product has an option. */
export function hasOption(command: string, option: string): boolean {
  const { args } = gatewatch([command, '--help']);
  return new RegExp(`${option}\\b`).test(spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout);
}

/** Path of a program: named by the environment, or on PATH. */
export function findProgram(name: string, variable: string): string | undefined {
  const named = process.env[variable];
  if (named) return existsSync(named) ? named : undefined;
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}
