import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Event, slot, type FieldName, type FieldValue } from '#ecs';
import type { Enricher } from './enricher.js';

/** A folder of its own for the files of a spec. */
export function folderOf(files: Readonly<Record<string, string | Buffer>>): {
  readonly path: (name: string) => string;
  write: (name: string, text: string) => void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'gatewatch-enrich-'));
  const path = (name: string): string => join(folder, name);
  for (const [name, content] of Object.entries(files)) writeFileSync(path(name), content);
  return { path, write: (name, text) => writeFileSync(path(name), text) };
}

/** What enrichers make of an event with these values. */
export function enriched(
  enrichers: Enricher | readonly Enricher[],
  values: Partial<Record<FieldName, FieldValue>>,
  time = Date.UTC(2026, 0, 15),
): (name: FieldName) => FieldValue {
  const event = new Event(0, 0, 'test', { tag: 'abcdefghijkl', position: 0 });
  event.time = time;
  for (const [name, value] of Object.entries(values)) event.values[slot[name as FieldName]] = value;
  for (const enricher of Array.isArray(enrichers) ? (enrichers as readonly Enricher[]) : [enrichers as Enricher]) enricher.enrich(event);
  return (name) => event.values[slot[name]];
}
