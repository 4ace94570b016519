import { createHash } from 'node:crypto';
import type { Provenance } from '#ecs';
import type { Enricher } from '#ingest';
import type { EmbeddedConfig } from '../config.js';

/** Under what the signals of this configuration are made. Where and how they are told, and secrets, are left out. */
export function provenanceOf({ sources, ingest, detection }: EmbeddedConfig, enrichers: readonly Enricher[]): Provenance {
  const read = sources.map(({ kafka: _, follow: __, ...how }) => how);
  const { rules: ___, ...settings } = detection;
  const text = JSON.stringify({ sources: read, ingest, detection: settings });
  const data = enrichers.flatMap(({ name, version }): [string, string][] => {
    const found = version?.();
    return found === undefined ? [] : [[name, found]];
  });
  return { config: createHash('sha256').update(text).digest('hex').slice(0, 16), data: Object.fromEntries(data) };
}
