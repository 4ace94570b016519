import type { IngestConfig } from './config.js';
import type { EnricherSettings } from './enrichers/enrichers.js';
import type { IngestParts } from './ingest.js';

/** What reading lines needs of the configuration: plain values, so that threads can have them too. */
export interface IngestSettings extends EnricherSettings, Pick<IngestParts, 'routes' | 'redact' | 'hashKey'> {}

/** @param hashKey where the configuration has none. */
export function ingestSettings(config: IngestConfig, hashKey: string | undefined): IngestSettings {
  const { geoip, mmdb, as_classes, feeds, feed_allow, lists, routes, redact } = config;
  return { geoip, mmdb, as_classes, feeds, feed_allow, lists, routes, redact, hashKey: config.hash_key?.reveal() ?? hashKey };
}

/** The part that ingest itself takes. */
export function linePart({ routes, redact, hashKey }: IngestSettings = {}): Pick<IngestParts, 'routes' | 'redact' | 'hashKey'> {
  return { routes, redact, hashKey };
}
