import type { Enricher } from '#ingest';

/** Versions of the data that enrichers work with now, by enricher. */
export function dataVersions(enrichers: readonly Enricher[]): Record<string, string> {
  const data: Record<string, string> = {};
  for (const enricher of enrichers) {
    const version = enricher.version?.();
    if (version !== undefined) data[enricher.name] = version;
  }
  return data;
}
