import { isDeepStrictEqual } from 'node:util';
import { settingsHash } from '#config';
import type { Provenance } from '#ecs';
import type { Enricher } from '#ingest';
import type { EmbeddedConfig } from '../config.js';

/** Under what the signals of this configuration are made. Where and how they are told, and secrets, are left out. */
export function provenanceOf(config: EmbeddedConfig, enrichers: readonly Enricher[]): Provenance {
  return provenanceNow(config, enrichers)();
}

/** The same asked again and again: data change while the service runs. The same value is given as long as they do not. */
export function provenanceNow({ sources, ingest, detection }: EmbeddedConfig, enrichers: readonly Enricher[]): () => Provenance {
  const read = sources.map(({ kafka: _, follow: __, ...how }) => how);
  const { rules: ___, ...settings } = detection;
  const config = settingsHash({ sources: read, ingest, detection: settings });
  let last: Provenance | undefined;
  return () => {
    const data: Record<string, string> = {};
    for (const enricher of enrichers) {
      const version = enricher.version?.();
      if (version !== undefined) data[enricher.name] = version;
    }
    if (!last || !isDeepStrictEqual(last.data, data)) last = { config, data };
    return last;
  };
}
