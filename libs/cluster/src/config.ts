import { z } from 'zod';
import { alertingConfig } from '#alerting';
import { ruleTuning } from '#detection';
import { duration, loadConfig, type ConfigResult, type Environment } from '#config';
import { elasticConfig } from '#elastic';
import { configuredSource, ingestConfig, sourceFormatConfig, type SourceSettings } from '#ingest';
import { kafkaClusterConfig } from '#kafka';

const source = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'expected letters, digits, ".", "-" and "_", at most 64')
    .describe('Name of the source: metrics and events carry it.'),
  ...sourceFormatConfig,
  topics: z
    .array(z.string().regex(/^[\w.-]{1,249}$/, 'expected a topic name: letters, digits, ".", "_" and "-"'))
    .min(1)
    .describe('Topics that hold its records. A topic belongs to one source.'),
  grace: duration('2m').describe('How far the records of this source may be out of order and still count exactly.'),
});

const detection = z.strictObject({
  shipped: z.boolean().default(true).describe('Whether the rules that come with Gatewatch are used.'),
  rules: z.array(z.string().min(1)).default([]).describe('Sigma rules of your own: files or folders. All detectors must have the same.'),
  ...ruleTuning.shape,
  idle_after: duration('1m').describe('A source that is silent for so long no longer holds the watermark back.'),
  max_keys: z.int().min(100).default(1_000_000).describe('Group keys that one rule may track in one partition.'),
  ipv6_prefix: z.int().min(32).max(128).default(64).describe('IPv6 addresses are grouped by so many bits.'),
  checkpoint_every: duration('5s', { min: '200ms', max: '5m' }).describe(
    'How often a detector saves; a signal is saved, and told, at once.',
  ),
});

/** Where a process says how it is. */
const http = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on for health checks and metrics.'),
  port: z.int().min(0).max(65_535).default(9464).describe('Port of these; 0 takes a free one.'),
});

/** Configuration of the distributed mode: one file for ingest, detector and alerting. */
export const clusterConfig = z
  .strictObject({
    log_level: z.enum(['error', 'warn', 'info', 'debug']).default('info').describe('Least severe level of Gatewatch’s own log.'),
    http: http.prefault({}),
    kafka: kafkaClusterConfig,
    elasticsearch: elasticConfig,
    sources: z.array(source).min(1).describe('Where records come from.'),
    ingest: ingestConfig,
    detection: detection.prefault({}),
    alerting: alertingConfig.prefault({}),
  })
  .superRefine(({ sources, ingest }, context) => {
    if (!ingest.hash_key)
      context.addIssue({
        code: 'custom',
        path: ['ingest', 'hash_key'],
        message: 'expected a secret: the processes have no folder in common where one could be made',
      });
    const topics = new Set<string>();
    sources.forEach(({ name, topics: own }, at) => {
      if (sources.findIndex((other) => other.name === name) < at)
        context.addIssue({ code: 'custom', path: ['sources', at, 'name'], message: `"${name}" is the name of another source` });
      for (const topic of own) {
        if (topics.has(topic))
          context.addIssue({ code: 'custom', path: ['sources', at, 'topics'], message: `topic "${topic}" belongs to another source` });
        topics.add(topic);
      }
    });
  });

export type ClusterConfig = z.output<typeof clusterConfig>;

/** Reads the configuration file and the environment. */
export function readClusterConfig(file: string, env: Environment): ConfigResult<ClusterConfig> {
  return loadConfig({ schema: clusterConfig, file, env });
}

/** How the records of a source are read. @throws ServiceError `source_invalid` when a file that its configuration names cannot be used. */
export function settingsOf(config: ClusterConfig, name: string): SourceSettings {
  const found = config.sources.find((one) => one.name === name);
  return found ? configuredSource(found) : { name, format: 'auto' };
}
