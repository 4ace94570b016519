import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '#ecs';
import { deadLetterMappings, eventMappings, signalMappings } from '../setup/mappings.js';
import { panels, savedObjects, searches } from './saved-objects.js';

const features = { matchOnlyText: true };
const mapped: Readonly<Record<string, ReadonlySet<string>>> = {
  'gatewatch-events': namesOf(eventMappings(features)),
  'gatewatch-dead-letters': namesOf(deadLetterMappings(features)),
  'gatewatch-signals': namesOf(signalMappings(features)),
};

describe('the saved objects for Kibana', () => {
  it('are those in docs/kibana', () => {
    const file = readFileSync(new URL('../../../../docs/kibana/gatewatch.ndjson', import.meta.url), 'utf8');
    expect(file).toBe(
      savedObjects()
        .map((object) => `${JSON.stringify(object)}\n`)
        .join(''),
    );
  });

  it('name only fields that are mapped', () => {
    const fields = [
      ...searches.flatMap(({ id, view, query, columns }) => [...columns, ...fieldsIn(query)].map((field) => ({ id, view, field }))),
      ...panels.flatMap(({ id, view, query, by }) =>
        ['top' in by ? by.top : by.split, ...fieldsIn(query)].flatMap((field) => (field ? [{ id, view, field }] : [])),
      ),
    ];
    expect(fields.filter(({ view, field }) => !mapped[view.id]?.has(field)).map(({ id, field }) => `${id}: ${field}`)).toEqual([]);
  });

  it('refer only to each other', () => {
    const objects = savedObjects() as { id: string; type: string; references: { id: string; type: string }[] }[];
    const known = new Set(objects.map(({ id, type }) => `${type}/${id}`));
    expect(known.size).toBe(objects.length);
    expect(objects.flatMap(({ references }) => references).filter(({ id, type }) => !known.has(`${type}/${id}`))).toEqual([]);
  });
});

describe('the ready queries', () => {
  it('name only fields that are mapped', () => {
    const page = readFileSync(new URL('../../../../docs/kibana/README.md', import.meta.url), 'utf8');
    const blocks = [...page.matchAll(/```(?:kql|esql)\n([^]*?)```/g)].map(([, text]) => text!);
    expect(blocks.length).toBeGreaterThan(10);
    const all = new Set(Object.values(mapped).flatMap((names) => [...names]));
    expect(blocks.flatMap(fieldsIn).filter((field) => !all.has(field) && !field.startsWith('gatewatch.extra.'))).toEqual([]);
  });
});

/** Dotted names outside quotes, and names before a colon; not index patterns. */
function fieldsIn(query: string): string[] {
  const bare = query.replaceAll(/"[^"]*"/g, '""').replaceAll(/\bFROM \S+/g, '');
  return [...bare.matchAll(/(?<![\w.@-])[a-z_]+(?:\.[a-z_]+)+(?![\w(])/g)].map(([name]) => name);
}

function namesOf(mappings: JsonObject, prefix = ''): Set<string> {
  const found = new Set<string>();
  for (const [key, value] of Object.entries(mappings['properties'] as JsonObject)) {
    const field = value as JsonObject;
    if (field['type'] !== undefined) found.add(prefix + key);
    if (field['properties']) for (const name of namesOf(field, `${prefix}${key}.`)) found.add(name);
  }
  return found;
}
