import type { Command } from 'commander';
import { compileLogFormat, formatNames, type FormatName, type SourceSettings } from '#ingest';
import { CommandError } from './io.js';

/** Options of the commands that read logs. */
export interface InputOptions {
  readonly format?: string;
  readonly timeZone?: string;
  readonly config?: string;
  readonly source?: string;
}

export function addInputOptions(command: Command): Command {
  return command
    .option('--format <format>', `${['auto', ...formatNames].join(', ')}, or an nginx log_format or Apache LogFormat string`, 'auto')
    .option('--time-zone <zone>', 'zone of stamps that name none: Europe/Berlin, +02:00', 'UTC')
    .option('--config <file>', 'configuration whose ingest settings hold: feeds, databases, redaction; by itself none is read')
    .option('--source <name>', 'read as this source of the configuration says');
}

/** For an option that may be given several times. Not commander's `<path...>`: that would swallow the file after it in `--rules DIR FILE`. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** What the options say of an input. A format with `$` is nginx's, one with `%` Apache's. */
export function sourceSettings(name: string, { format = 'auto', timeZone = 'UTC' }: InputOptions): SourceSettings {
  const settings = { name, format: readFormat(format), timeZone };
  if (!isZone(timeZone))
    throw new CommandError(`--time-zone: "${timeZone}" is neither an IANA name such as Europe/Berlin nor an offset such as +02:00`);
  return settings;
}

function readFormat(text: string): SourceSettings['format'] {
  if (text === 'auto' || (formatNames as readonly string[]).includes(text)) return text as FormatName | 'auto';
  const kind = text.includes('$') ? 'nginx' : text.includes('%') ? 'apache' : undefined;
  if (!kind)
    throw new CommandError(
      `--format: "${text}" is not known; expected auto, ${formatNames.join(', ')} or a log_format string such as '$remote_addr - …'`,
    );
  const compiled = compileLogFormat(kind, text);
  if (!compiled.ok) throw new CommandError(`--format: ${compiled.problem}`);
  return { logFormat: text, kind };
}

function isZone(zone: string): boolean {
  if (/^[+-]\d\d:\d\d$/.test(zone)) return true;
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    // The only way Intl has to say that it does not know a zone.
    return false;
  }
}
