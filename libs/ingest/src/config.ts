import { z } from 'zod';
import { bytes, duration } from '#config';
import { geoipConfig } from './enrichers/geoip/config.js';
import { compileLogFormat, formatNames, logFormatKinds } from './formats/formats.js';
import { jsonMapping } from './formats/json/mapping.js';
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
    geoip: geoipConfig,
  })
  .prefault({})
  .describe('How lines become events.');

export type IngestConfig = z.infer<typeof ingestConfig>;
