import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { printable, ServiceError } from '#telemetry';
import type { sourceFormatConfig } from './config.js';
import { readOpenapi } from './derived/openapi/read-openapi.js';
import { readMapping } from './formats/json/mapping-file.js';
import type { SourceSettings } from './source.js';

/** What a configuration says of how the records of a source are read. */
export type SourceConfig = { readonly name: string } & z.output<z.ZodObject<typeof sourceFormatConfig>>;

/** How the records of a source are read, with the files that its configuration names. @throws ServiceError `source_invalid` when one of them cannot be used; one problem a line. */
export function configuredSource(source: SourceConfig): SourceSettings {
  const { name, format, time_zone: timeZone, service, mapping, mapping_file: file, openapi } = source;
  return {
    name,
    format: typeof format === 'string' ? format : { kind: format.kind, logFormat: format.log_format },
    timeZone,
    service,
    mapping: file === undefined ? mapping : mappingOf(file),
    trustedProxies: source.trusted_proxies,
    clientAddress: source.client_address,
    capturedHeaders: source.captured_headers,
    api: openapi === undefined ? undefined : pathsOf(openapi),
  };
}

function mappingOf(path: string): SourceSettings['mapping'] {
  const result = readMapping(textOf(path), path);
  if (!result.ok) throw new ServiceError('source_invalid', result.problems.join('\n'));
  return result.file.mapping;
}

function pathsOf(path: string): SourceSettings['api'] {
  const result = readOpenapi(textOf(path));
  if (!result.ok) throw new ServiceError('source_invalid', `${printable(path)} is no OpenAPI file: ${printable(result.problem)}`);
  return result.paths;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ServiceError(
      'source_invalid',
      `${printable(path)} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
