import { sourceSettings, type ClusterConfig } from '#cluster';
import { buildEnrichers, ingestSettings, linePart, type IngestParts } from '#ingest';
import type { Clock } from '#time';

/** What the configuration says of how lines are read: the same for every channel. */
export type ReadingParts = Omit<IngestParts, 'index' | 'dedupe'>;

/**
 * Reads what is needed for the lines of all sources.
 * @throws ServiceError `source_invalid` when a file that a source names cannot be used.
 */
export function readingParts(config: ClusterConfig, clock: Pick<Clock, 'now'>): ReadingParts {
  const { keep_original: keepOriginal, max_line: maxLine, max_skew: maxSkew } = config.ingest;
  const settings = ingestSettings(config.ingest, undefined);
  const sources = sourceSettings(config);
  return {
    source: (name) => sources.get(name) ?? { name, format: 'auto' },
    enrichers: buildEnrichers(settings, () => clock.now()),
    eager: 'all',
    keepOriginal,
    maxLine,
    maxSkew,
    ...linePart(settings),
  };
}
