import { readFileSync } from 'node:fs';
import { readOpenapi, type SourceSettings } from '#ingest';
import { printable } from '#telemetry';
import type { EmbeddedConfig } from '../config.js';
import { ingestSettings, type IngestSettings } from '../input/ingest-settings.js';
import { requireConfig } from './check-config.js';
import { sourceSettings, type InputOptions } from './input-options.js';
import { CommandError, exitCodes, type Io } from './io.js';
import { loadMapping } from './mapping.js';

/** What the configuration says of a source, the files it names read. @throws CommandError when one cannot be used. */
export function configuredSource(source: EmbeddedConfig['sources'][number]): SourceSettings {
  const { name, format, time_zone: timeZone, service, mapping, mapping_file: file, openapi } = source;
  return {
    name,
    format: typeof format === 'string' ? format : { kind: format.kind, logFormat: format.log_format },
    timeZone,
    service,
    mapping: file === undefined ? mapping : loadMapping(file).mapping,
    trustedProxies: source.trusted_proxies,
    clientAddress: source.client_address,
    capturedHeaders: source.captured_headers,
    api: openapi === undefined ? undefined : loadOpenapi(openapi),
  };
}

function loadOpenapi(path: string): SourceSettings['api'] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new CommandError(
      `${printable(path)} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      exitCodes.badConfig,
    );
  }
  const result = readOpenapi(text);
  if (!result.ok) throw new CommandError(`${printable(path)} is no OpenAPI file: ${printable(result.problem)}`, exitCodes.badConfig);
  return result.paths;
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
