import { Command, CommanderError } from 'commander';
import { ServiceError } from '#telemetry';
import { InputError } from '../input/blocks.js';
import { version } from '../version.js';
import { addCheckConfig } from './check-config.js';
import { addDoctor } from './doctor.js';
import { addGenerate } from './generate.js';
import { CommandError, exitCodes, type Io } from './io.js';
import { addKeys } from './keys.js';
import { addMatch } from './match.js';
import { addParse } from './parse.js';
import { addRules } from './rules.js';
import { addScan } from './scan.js';
import { addStart } from './start.js';

/** Every command; each adds itself to the program. */
const commands = [addStart, addScan, addParse, addMatch, addGenerate, addRules, addCheckConfig, addDoctor, addKeys];

/** Runs one command line and resolves with the exit code. */
export async function runCommand(args: readonly string[], io: Io): Promise<number> {
  const program = new Command('gatewatch')
    .description('Security monitoring for APIs: access logs and login events in, explained alerts out.')
    .version(version())
    .configureOutput({ writeOut: (text) => void io.out(text), writeErr: (text) => io.err(text) })
    .showHelpAfterError('(gatewatch --help lists the commands)')
    .exitOverride();
  for (const add of commands) add(program, io);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    return failed(error, io);
  }
}

function failed(error: unknown, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.badInput;
  if (error instanceof CommandError) {
    if (error.message) io.err(`${error.message}\n`);
    return error.code;
  }
  if (error instanceof InputError) {
    io.err(`gatewatch: ${error.message}\n`);
    return exitCodes.badInput;
  }
  if (error instanceof ServiceError) {
    io.err(`gatewatch: ${error.message} [${error.code}]\n`);
    return exitCodes.badInput;
  }
  // A defect: the stack is what the report needs.
  io.err(`gatewatch: unexpected trouble: ${error instanceof Error ? error.stack : String(error)}\n`);
  return exitCodes.badInput;
}
