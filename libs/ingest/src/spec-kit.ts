import { FieldIndex } from '#ecs';
import type { LoggedBatch } from '#stream';
import { buildIngest, type Ingest, type IngestParts } from './ingest.js';
import type { SourceSettings } from './source.js';

/** Arrival of every batch in these specs. */
export const arrival = Date.UTC(2026, 0, 15, 12);

/** An ingest for specs: one source `test`, nothing added, everything lazy. */
export function ingestFor(source: Partial<SourceSettings> = {}, parts: Partial<IngestParts> = {}): Ingest & { index: FieldIndex } {
  const index = parts.index ?? new FieldIndex();
  const whole = {
    source: (name: string) => ({ name, format: 'auto' as const, ...source }),
    enrichers: [],
    eager: [],
    keepOriginal: false,
    ...parts,
    index,
  };
  return { ...buildIngest(whole), index };
}

/** A batch of text or bytes at an offset. */
export function batchOf(text: string | Uint8Array, more: Partial<LoggedBatch> = {}): LoggedBatch {
  const payload = typeof text === 'string' ? Buffer.from(text) : text;
  return { source: 'test', arrival, offset: 0, count: countLines(payload), payload, ...more };
}

function countLines(payload: Uint8Array): number {
  let count = 0;
  for (const byte of payload) if (byte === 10) count++;
  return payload.length > 0 && payload[payload.length - 1] !== 10 ? count + 1 : count;
}
