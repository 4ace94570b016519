import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { printable } from '#telemetry';
import type { sourceFormatConfig } from './config.js';
import { readOpenapi } from './derived/openapi/read-openapi.js';
import { readMapping } from './formats/json/mapping-file.js';
import type { SourceSettings } from './source.js';

/** A source as the configuration has it. */
export type ConfiguredSource = z.output<z.ZodObject<typeof sourceFormatConfig>> & { readonly name: string };

export type ReadSource = { readonly ok: true; readonly settings: SourceSettings } | { readonly ok: false; readonly problem: string };

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** What the configuration says of how a source is read, the files that it names read; or what is wrong with one of these, one problem a line. */
export function readSource(source: ConfiguredSource): ReadSource {
  const { name, format, time_zone: timeZone, service } = source;
  const mapping = mappingOf(source);
  if (!mapping.ok) return mapping;
  const api = apiOf(source);
  if (!api.ok) return api;
  const settings = {
    name,
    format: typeof format === 'string' ? format : { kind: format.kind, logFormat: format.log_format },
    timeZone,
    service,
    mapping: mapping.value,
    trustedProxies: source.trusted_proxies,
    clientAddress: source.client_address,
    capturedHeaders: source.captured_headers,
    api: api.value,
  };
  return { ok: true, settings };
}

function mappingOf({ mapping, mapping_file: path }: ConfiguredSource): Read<SourceSettings['mapping']> {
  if (path === undefined) return { ok: true, value: mapping };
  const text = textOf(path);
  if (!text.ok) return text;
  const result = readMapping(text.value, path);
  return result.ok ? { ok: true, value: result.file.mapping } : { ok: false, problem: result.problems.map(printable).join('\n') };
}

function apiOf({ openapi: path }: ConfiguredSource): Read<SourceSettings['api']> {
  if (path === undefined) return { ok: true, value: undefined };
  const text = textOf(path);
  if (!text.ok) return text;
  const result = readOpenapi(text.value);
  return result.ok
    ? { ok: true, value: result.paths }
    : { ok: false, problem: `${printable(path)} is no OpenAPI file: ${printable(result.problem)}` };
}

function textOf(path: string): Read<string> {
  try {
    return { ok: true, value: readFileSync(path, 'utf8') };
  } catch (error) {
    return { ok: false, problem: `${printable(path)} cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}
