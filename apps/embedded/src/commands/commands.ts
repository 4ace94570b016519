import { Command, CommanderError } from 'commander';
import { nearest, version } from '#config';
import { printable, ServiceError } from '#telemetry';
import { InputError } from '../input/blocks.js';
import { CommandError, exitCodes, type Io } from './io.js';

type Add = (program: Command, io: Io) => void;

/** Every command; each adds itself to the program. Loaded by name, so that `scan` need not wait for the libraries of the service. */
const commands: Readonly<Record<string, () => Promise<Add>>> = {
  start: async () => (await import('./start.js')).addStart,
  scan: async () => (await import('./scan.js')).addScan,
  parse: async () => (await import('./parse.js')).addParse,
  new: async () => (await import('./new.js')).addNew,
  match: async () => (await import('./match.js')).addMatch,
  generate: async () => (await import('./generate.js')).addGenerate,
  why: async () => (await import('./why.js')).addWhy,
  'why-not': async () => (await import('./why.js')).addWhyNot,
  replay: async () => (await import('./replay.js')).addReplay,
  coverage: async () => (await import('./coverage.js')).addCoverage,
  routes: async () => (await import('./routes.js')).addRoutes,
  rules: async () => (await import('./rules.js')).addRules,
  'check-config': async () => (await import('./check-config.js')).addCheckConfig,
  doctor: async () => (await import('./doctor.js')).addDoctor,
  keys: async () => (await import('./keys.js')).addKeys,
  reveal: async () => (await import('./reveal.js')).addReveal,
  reveals: async () => (await import('./reveal.js')).addReveals,
  pseudonym: async () => (await import('./reveal.js')).addPseudonym,
};

/** Runs one command line and resolves with the exit code. */
export async function runCommand(args: readonly string[], io: Io): Promise<number> {
  const program = new Command('gatewatch')
    .description('Security monitoring for APIs: access logs and login events in, explained alerts out.')
    .version(version())
    .configureOutput({ writeOut: (text) => void io.out(text), writeErr: (text) => io.err(text) })
    .showHelpAfterError('(gatewatch --help lists the commands)')
    .addHelpText(
      'after',
      `
Over Kafka and Elasticsearch, each a process of its own (--config FILE):
  ingest                                        Parses, enriches and redacts what comes in; writes events and signals to Elasticsearch.
  detector                                      Runs the rules over the events.
  alerting                                      Tells about signals.
  query                                         Answers /v1 for reading from Elasticsearch.
`,
    )
    .exitOverride();
  const unknown = unknownCommand(args[0]);
  if (unknown !== undefined) {
    io.err(unknown);
    return exitCodes.badInput;
  }
  const named = args[0] !== undefined && Object.hasOwn(commands, args[0]) ? [args[0]] : Object.keys(commands);
  for (const name of named) (await commands[name]!())(program, io);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    return failed(error, io);
  }
}

/** The first word is a command or an option: `start` is what runs without one, and would take a misspelt command for an argument of its own. */
function unknownCommand(word: string | undefined): string | undefined {
  if (word === undefined || word.startsWith('-') || word === 'help' || Object.hasOwn(commands, word)) return undefined;
  const meant = nearest(word, Object.keys(commands));
  return `gatewatch: there is no command "${printable(word.slice(0, 80))}"${meant ? `; did you mean ${meant}?` : ''}\n(gatewatch --help lists the commands)\n`;
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
