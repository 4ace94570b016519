import { z } from 'zod';
import { alertingConfig } from '#alerting';
import { duration, loadConfig, type ConfigResult, type Environment } from '#config';
import { configuredSettings, configuredWatch, detectionConfig, type DetectorSettings, type WatchSettings } from '#detection';
import { elasticConfig } from '#elastic';
import { ingestConfig, readSource, sourceFormatConfig, type SourceSettings } from '#ingest';
import { kafkaClusterConfig } from '#kafka';
import { queryConfig } from '#query';
import { ServiceError } from '#telemetry';
import type { Millis } from '#time';

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
  ...detectionConfig,
  rules: detectionConfig.rules.describe('Sigma rules of your own: files or folders. All detectors must have the same.'),
  checkpoint_every: duration('10s', { min: '200ms', max: '5m' }).describe(
    'How often a detector saves where it is; what it finds is told at once. After a loss so much is counted again.',
  ),
});

/** Where a process says how it is. */
const http = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on for health checks and metrics.'),
  port: z.int().min(0).max(65_535).default(9464).describe('Port of these; 0 takes a free one.'),
});

/** Configuration of the distributed mode: one file for ingest, detector, alerting and query. */
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
    query: queryConfig.prefault({}),
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

/**
 * How the records of each source are read, by its name, the files that the configuration names read.
 * @throws ServiceError `source_invalid` that tells what is wrong with each of them.
 */
export function sourceSettings({ sources }: ClusterConfig): ReadonlyMap<string, SourceSettings> {
  const problems: string[] = [];
  const found = new Map<string, SourceSettings>();
  for (const source of sources) {
    const read = readSource(source);
    if (read.ok) found.set(source.name, read.settings);
    else problems.push(`source "${source.name}": ${read.problem}`);
  }
  if (problems.length) throw new ServiceError('source_invalid', `Sources cannot be read as configured:\n${problems.join('\n')}`);
  return found;
}

/** How sources are watched over. */
export function watchSettings({ detection }: ClusterConfig): WatchSettings {
  return configuredWatch(detection);
}

/** How the detector of a channel behaves. */
export function detectorSettings({ sources, detection }: ClusterConfig): DetectorSettings {
  const graces = new Map(sources.flatMap(({ topics, grace }) => topics.map((topic): [string, Millis] => [topic, grace])));
  return configuredSettings(detection, (channel) => graces.get(channel.slice(0, channel.lastIndexOf('/'))));
}
