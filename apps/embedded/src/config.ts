import { z } from 'zod';
import { alertingConfig } from '#alerting';
import { detectionConfig } from '#detection';
import { bytes, duration, loadConfig, type ConfigProblem, type ConfigResult, type Environment } from '#config';
import { ingestConfig, sourceFormatConfig } from '#ingest';
import { kafkaTopicsConfig } from '#kafka';
import { httpConfig } from './http/config.js';
import { syslogConfig } from './sources/syslog/config.js';

const sourceConfig = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'expected letters, digits, ".", "-" and "_", at most 64')
    .describe('Name of the source: senders give it, metrics and events carry it.'),
  ...sourceFormatConfig,
  follow: z
    .array(z.string().min(1))
    .optional()
    .describe('Files to follow for this source: paths, or patterns with * and ?; - is standard input.'),
  kafka: kafkaTopicsConfig.optional().describe('Kafka topics to read for this source.'),
  syslog: syslogConfig.optional().describe('Where to listen for syslog messages of this source.'),
  grace: duration('2m').describe('How far the records of this source may be out of order and still count exactly.'),
});

const detection = z.strictObject(detectionConfig);

const storeConfig = z.strictObject({
  memory_limit: bytes('512MiB').describe('Memory that the event store may use.'),
  keep_events: duration('90d', { min: '1d' }).describe('Events and dead letters older than this are removed, by whole days.'),
  keep_signals: duration('400d', { min: '1d' }).describe('Closed signals older than this are removed.'),
  keep_log: duration('1d', { min: '1h' }).describe('How long accepted records stay in the log after everything was made of them.'),
});

/** The whole configuration of the embedded service. */
export const embeddedConfig = z.strictObject({
  data_dir: z.string().min(1).default('./data').describe('Folder of everything that is kept.'),
  log_level: z.enum(['error', 'warn', 'info', 'debug']).default('info').describe('Least severe level of Gatewatch’s own log.'),
  http: httpConfig.prefault({}),
  sources: z.array(sourceConfig).default([]).describe('Where records come from. The source `http` is always there.'),
  ingest: ingestConfig,
  detection: detection.prefault({}),
  store: storeConfig.prefault({}),
  alerting: alertingConfig.prefault({}),
});
export type EmbeddedConfig = z.output<typeof embeddedConfig>;

export const configFile = 'gatewatch.yml';

/** Reads the configuration file, if there is one, and the environment. */
export function readConfig(file: string | undefined, env: Environment): ConfigResult<EmbeddedConfig> {
  const result = loadConfig({ schema: embeddedConfig, file, env });
  if (!result.ok) return result;
  const problems = twiceNamed(result.value, file);
  return problems.length ? { ok: false, problems } : result;
}

function twiceNamed({ sources }: EmbeddedConfig, file = configFile): ConfigProblem[] {
  return sources.flatMap(({ name }, at) =>
    sources.findIndex((other) => other.name === name) < at
      ? [
          {
            file,
            path: `sources[${at}].name`,
            message: `"${name}" is the name of another source`,
            remedy: 'give each source a name of its own',
          },
        ]
      : [],
  );
}
