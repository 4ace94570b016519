import { settingsHash } from '#config';
import type { Provenance } from '#ecs';
import type { ClusterConfig } from './config.js';

/**
 * Under what the signals of this configuration are made; equal where the processes have the same settings. Versions of the enrichers' data are known to `ingest`
 * alone; they come with its chunks.
 */
export function clusterProvenance({ sources, ingest, detection }: ClusterConfig): Provenance {
  const read = sources.map(({ topics: _, ...how }) => how);
  const { rules: __, checkpoint_every: ___, ...settings } = detection;
  return { config: settingsHash({ sources: read, ingest, detection: settings }), data: {} };
}
