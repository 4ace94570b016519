import { z } from 'zod';
import { parseDuration } from '#time';
import { geoipConfig } from './enrichers/geoip/config.js';
import { compileLogFormat, formatNames } from './formats/formats.js';
import { jsonMapping } from './formats/json/mapping.js';
import { defaultMaxLine } from './ingest.js';
import { parseZone } from './stamps/zone.js';

/** A duration as people write it ("5m"), read into milliseconds. */
const duration = z.string().transform((text, context) => {
  const millis = parseDuration(text);
  if (millis !== undefined) return millis;
  context.addIssue({ code: 'custom', message: `expected a duration such as "5m" or "1h30m", got "${text}"` });
  return z.NEVER;
});

const size = z.string().transform((text, context) => {
  const part = /^(\d{1,9}) ?(B|KiB|MiB)$/.exec(text);
  if (part) return Number(part[1]) * { B: 1, KiB: 1024, MiB: 1_048_576 }[part[2] as 'B' | 'KiB' | 'MiB'];
  context.addIssue({ code: 'custom', message: `expected a size such as "64KiB" or "1MiB", got "${text}"` });
  return z.NEVER;
});

const customFormat = z
  .strictObject({
    kind: z.enum(['nginx', 'apache']).describe('Whose variables the format uses.'),
    log_format: z.string().min(1).max(4096).describe("What stands in nginx's log_format or Apache's LogFormat, without the outer quotes."),
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
    .describe('Format of the lines; auto tells nginx, Apache, JSON and syslog apart line by line.'),
  time_zone: z
    .string()
    .refine((name) => parseZone(name) !== undefined, { error: 'expected ±hh:mm or an IANA name such as "Europe/Berlin"' })
    .optional()
    .describe('Zone of times that name none. Without it such lines become dead letters.'),
  service: z.string().min(1).max(256).optional().describe('service.name of the events.'),
  mapping: jsonMapping.optional().describe('How JSON lines with unusual keys are read.'),
};

/** Settings of ingest that hold for all sources. */
export const ingestConfig = z
  .strictObject({
    keep_original: z.boolean().default(true).describe('Keep the line, secrets hidden, in event.original.'),
    max_line: size
      .pipe(
        z
          .number()
          .min(1024)
          .max(16 * 1_048_576),
      )
      .default(defaultMaxLine)
      .describe('Longest line; a longer one becomes a dead letter.'),
    max_skew: duration.default(300_000).describe("How far a line's time may lie after its arrival and be believed."),
    dedupe: z
      .strictObject({
        max_ids: z.number().int().min(1).max(20_000_000).default(1_000_000).describe("Senders' own ids remembered."),
        horizon: duration.default(86_400_000).describe('How long they are remembered.'),
      })
      .prefault({}),
    geoip: geoipConfig,
  })
  .prefault({})
  .describe('How lines become events.');

export type IngestConfig = z.infer<typeof ingestConfig>;
