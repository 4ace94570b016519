import { existsSync } from 'node:fs';
import { z } from 'zod';
import { formatProblems, loadConfig, type ConfigResult } from '#config';
import type { Provenance } from '#ecs';
import type { Enricher } from '#ingest';
import { configFile, type EmbeddedConfig } from '../config.js';
import { provenanceOf } from '../service/provenance.js';
import { requireConfig } from './check-config.js';
import { CommandError, exitCodes, type Io } from './io.js';

/** What commands that run rules over stored events read of a configuration, be it of one process or of the distributed mode. */
export interface AnalysisConfig extends Pick<EmbeddedConfig, 'detection' | 'alerting' | 'ingest'> {
  readonly sources: readonly Pick<EmbeddedConfig['sources'][number], 'name' | 'grace'>[];
  /** Where the read API answers. */
  readonly http: Pick<EmbeddedConfig['http'], 'host' | 'port'>;
  /** The store of one process. Absent in the distributed mode: its events are in Elasticsearch, and are asked for. */
  readonly local?: Pick<EmbeddedConfig, 'data_dir' | 'store'>;
  /** Under what signals of this configuration are made. */
  provenance(enrichers: readonly Enricher[]): Provenance;
}

/** The configuration, or the end of the command with every problem told. A file that speaks of `elasticsearch` is one of the distributed mode. */
export async function requireAnalysisConfig(file: string | undefined, io: Io): Promise<AnalysisConfig> {
  const path = file ?? (existsSync(configFile) ? configFile : undefined);
  if (path !== undefined && isOfCluster(path, io)) return ofCluster(path, io);
  const config = requireConfig(file, io);
  return { ...config, local: config, provenance: (enrichers) => provenanceOf(config, enrichers) };
}

function isOfCluster(file: string, io: Io): boolean {
  const read: ConfigResult<Readonly<Record<string, unknown>>> = loadConfig({ schema: z.looseObject({}), file, env: io.env });
  return read.ok && read.value['elasticsearch'] !== undefined;
}

async function ofCluster(file: string, io: Io): Promise<AnalysisConfig> {
  // The Kafka client is not loaded for commands that need none.
  const { clusterProvenance, readClusterConfig } = await import('#cluster');
  const read = readClusterConfig(file, io.env);
  if (!read.ok) throw new CommandError(formatProblems(read.problems), exitCodes.badConfig);
  const { detection, alerting, ingest, sources, query: http } = read.value;
  const data = (enrichers: readonly Enricher[]): Record<string, string> =>
    Object.fromEntries(enrichers.flatMap(({ name, version }) => (version?.() === undefined ? [] : [[name, version()!]])));
  return {
    ...{ detection, alerting, ingest, sources, http },
    provenance: (enrichers) => ({ ...clusterProvenance(read.value), data: data(enrichers) }),
  };
}
