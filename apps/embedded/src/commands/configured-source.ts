import { ingestSettings, readSource, type IngestSettings, type SourceSettings } from '#ingest';
import { printable } from '#telemetry';
import type { EmbeddedConfig } from '../config.js';
import { requireConfig } from './check-config.js';
import { sourceSettings, type InputOptions } from './input-options.js';
import { CommandError, exitCodes, type Io } from './io.js';

/** What the configuration says of a source, the files it names read. @throws CommandError when one cannot be used. */
export function configuredSource(source: EmbeddedConfig['sources'][number]): SourceSettings {
  const read = readSource(source);
  if (!read.ok) throw new CommandError(read.problem, exitCodes.badConfig);
  return read.settings;
}

/** How a command reads its input: by its options, and by the configuration where one is named. */
export function configuredInput(
  name: string,
  options: InputOptions,
  io: Io,
): { readonly source: SourceSettings; readonly ingest: IngestSettings | undefined } {
  const plain = sourceSettings(name, options);
  if (options.config === undefined) {
    if (options.source !== undefined) throw new CommandError('--source: expected --config with the file that names the source');
    return { source: plain, ingest: undefined };
  }
  const { sources, ingest } = requireConfig(options.config, io);
  const settings = ingestSettings(ingest, undefined);
  if (options.source === undefined) return { source: plain, ingest: settings };
  const found = sources.find((source) => source.name === options.source);
  if (!found) throw new CommandError(`--source: the configuration has no source "${printable(options.source)}"`);
  const source = configuredSource(found);
  return { source: { ...source, name, timeZone: source.timeZone ?? plain.timeZone }, ingest: settings };
}
