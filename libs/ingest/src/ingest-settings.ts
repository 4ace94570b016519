import type { IngestConfig } from './config.js';
import type { EnricherSettings } from './enrichers/enrichers.js';
import type { IngestParts } from './ingest.js';

type LineParts = 'routes' | 'redact' | 'hashKey' | 'pseudonyms';

/** What reading lines needs of the configuration: plain values, so that threads can have them too. */
export interface IngestSettings extends EnricherSettings, Pick<IngestParts, LineParts> {}

/** @param hashKey where the configuration has none. */
export function ingestSettings(config: IngestConfig, hashKey: string | undefined): IngestSettings {
  const { geoip, mmdb, as_classes, feeds, feed_allow, lists, verified_bots, routes } = config;
  const { pseudonyms: asked, ...redact } = config.redact;
  const pseudonyms = asked && (asked.users || asked.addresses) ? { ...asked, key: asked.key.reveal() } : undefined;
  // Who reads lines needs no passwords: only whether a file may not be there yet.
  const files = feeds.map(({ pull, ...feed }) => ({ ...feed, ...(pull && { pull: {} }) }));
  const key = config.hash_key?.reveal() ?? hashKey;
  return { geoip, mmdb, as_classes, feeds: files, feed_allow, lists, verified_bots, routes, redact, pseudonyms, hashKey: key };
}

/** The part that ingest itself takes. */
export function linePart({ routes, redact, hashKey, pseudonyms }: IngestSettings = {}): Pick<IngestParts, LineParts> {
  return { routes, redact, hashKey, pseudonyms };
}
