import { z } from 'zod';
import { bytes, duration, secret } from '#config';
import { clientHeaders } from './client/client-headers.js';
import { routesConfig } from './derived/route-labels.js';
import { enricherSettings } from './enrichers/enrichers.js';
import { formatNames, logFormatKinds } from './formats/format-names.js';
import { compileLogFormat } from './formats/formats.js';
import { jsonMapping } from './formats/json/mapping.js';
import { parsePrefix } from './networks/prefix.js';
import { redactConfig } from './redact/redaction.js';
import { parseZone } from './stamps/zone.js';

const customFormat = z
  .strictObject({
    kind: z.enum(logFormatKinds).describe('Whose variables the format uses; w3c: names of columns.'),
    log_format: z
      .string()
      .min(1)
      .max(4096)
      .describe("What stands in nginx's log_format or Apache's LogFormat, without the outer quotes, or behind #Fields: of a W3C log."),
  })
  .superRefine(({ kind, log_format }, context) => {
    if (log_format.trimStart().startsWith('{')) return;
    const result = compileLogFormat(kind, log_format);
    if (!result.ok) context.addIssue({ code: 'custom', path: ['log_format'], message: `the log format cannot be read: ${result.problem}` });
  });

/** How the records of one source are read: spread into the schema of a source. */
export const sourceFormatConfig = {
  format: z
    .union([z.enum(['auto', ...formatNames]), customFormat])
    .default('auto')
    .describe('Format of the lines; auto tells the formats apart line by line.'),
  time_zone: z
    .string()
    .refine((name) => parseZone(name) !== undefined, { error: 'expected ±hh:mm or an IANA name such as "Europe/Berlin"' })
    .optional()
    .describe('Zone of times that name none. Without it such lines become dead letters.'),
  trusted_proxies: z
    .array(
      z.string().refine((text) => text === 'private' || parsePrefix(text) !== undefined, {
        error: 'expected a network such as 10.0.0.0/8, or private',
      }),
    )
    .max(1000)
    .default([])
    .describe(
      'Networks of your proxies and CDN, and private for all private, loopback and link-local addresses: behind them source.ip is the caller that they tell. Without any it is the peer in the log.',
    ),
  client_address: z
    .enum(clientHeaders)
    .default('x-forwarded-for')
    .describe(
      'The header by which trusted proxies tell the caller. The last three hold one address: name only proxies that always set them.',
    ),
  captured_headers: z
    .array(z.string().min(1).max(128))
    .max(32)
    .optional()
    .describe('Names of the request headers that HAProxy captures, in their order; the log has only the values.'),
  openapi: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe(
      'OpenAPI 3 or Swagger 2 file, JSON or YAML: routes are taken from it, and calls outside of it are marked (gatewatch.api.documented).',
    ),
  service: z.string().min(1).max(256).optional().describe('service.name of the events.'),
  mapping: jsonMapping.optional().describe('How JSON lines with unusual keys are read.'),
  mapping_file: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe('The same as a file with cases of its own, instead of mapping; `gatewatch new format` makes one.'),
};

/** Settings of ingest that hold for all sources. */
export const ingestConfig = z
  .strictObject({
    keep_original: z.boolean().default(true).describe('Keep the line, secrets hidden, in event.original.'),
    // Sources cut lines at 1 MiB: above that a cut line would pass for a whole one.
    max_line: bytes('1MiB', { min: '1KiB', max: '1MiB' }).describe('Longest line; a longer one becomes a dead letter.'),
    max_skew: duration('5m').describe("How far a line's time may lie after its arrival and be believed."),
    dedupe: z
      .strictObject({
        max_ids: z.number().int().min(1).max(20_000_000).default(1_000_000).describe("Senders' own ids remembered."),
        horizon: duration('1d').describe('How long they are remembered.'),
      })
      .prefault({}),
    ...enricherSettings,
    routes: routesConfig,
    redact: redactConfig,
    hash_key: secret()
      .optional()
      .describe(
        'Key of the hashes by which tokens, sessions and API keys are told apart (HMAC-SHA-256). Without it one is made once in the data directory.',
      ),
  })
  .prefault({})
  .describe('How lines become events.');

export type IngestConfig = z.infer<typeof ingestConfig>;
