import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { deadLetterDocument, fields, toDocument, type JsonObject } from '#ecs';
import { batchOf, ingestFor } from '../../../spec-kit.js';
import { findRecord, recordShapes } from './records.js';

const here = new URL('./', import.meta.url);
const folders = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

function logsOf(folder: string): string[] {
  return readdirSync(new URL(`${folder}/fixtures/`, here)).filter((name) => name.endsWith('.log'));
}

function documents(format: 'auto' | 'json', text: Uint8Array): JsonObject[] {
  const ingest = ingestFor({ format, timeZone: 'UTC' }, { eager: 'all', keepOriginal: false });
  const { events, deadLetters } = ingest.ingest(batchOf(text));
  return [...events, ...deadLetters]
    .sort((a, b) => a.offset - b.offset)
    .map((one) => ('values' in one ? toDocument(one, ingest.index) : deadLetterDocument(one)));
}

const all = folders.flatMap((folder) => logsOf(folder).map((log) => [folder, log] as const));

describe.each(all)('records of %s, %s', (folder, log) => {
  const text = readFileSync(new URL(`${folder}/fixtures/${log}`, here));
  const lines = text.toString('utf8').trim().split('\n');

  it('are read as the expected documents say', () => {
    const found = documents('json', text)
      .map((document) => `${JSON.stringify(document)}\n`)
      .join('');
    const expected = new URL(`${folder}/fixtures/${log.replace('.log', '.expected.ndjson')}`, here);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(expected, found);
    expect(found).toBe(readFileSync(expected, 'utf8'));
  });

  it('are read the same when the format is not declared', () => {
    expect(documents('auto', text)).toEqual(documents('json', text));
  });

  it('are each known by exactly one look', () => {
    for (const line of lines) {
      const tree = JSON.parse(line) as JsonObject;
      const taken = recordShapes.filter(({ marks, find }) => marks.some((mark) => mark in tree) && find(tree) !== undefined);
      expect(
        taken.map(({ name }) => name),
        line.slice(0, 200),
      ).toHaveLength(1);
    }
  });

  it('hold a record that is rejected, and leave no secret', () => {
    const found = documents('json', text);
    expect(found.some((document) => (document['event'] as JsonObject)['kind'] === 'pipeline_error')).toBe(true);
    const kept = JSON.stringify(found.filter((document) => (document['event'] as JsonObject)['kind'] === 'event'));
    expect(kept).not.toMatch(/geheim1|s3cret99|abcdefghijkl|token=abc/);
  });
});

describe('records', () => {
  it('have names of their own, and a README in each folder', () => {
    expect(new Set(recordShapes.map(({ name }) => name)).size).toBe(recordShapes.length);
    expect(folders.filter((folder) => !existsSync(new URL(`${folder}/README.md`, here)))).toEqual([]);
  });

  it('are not seen in documents of ECS and in access logs with the usual keys', () => {
    const fixture = readFileSync(new URL('../fixtures/access.log', here), 'utf8');
    for (const line of fixture.split('\n').filter((each) => each.startsWith('{') && each.endsWith('}')))
      expect(findRecord(JSON.parse(line) as JsonObject)).toBeUndefined();
  });

  it('fill fields that rules know by the vendor’s name', () => {
    const ingest = ingestFor({});
    const slots = ['eventName', 'userIdentity.type', 'useridentity.username'].map((name) => ingest.index.slot(name));
    const line = readFileSync(new URL('cloudtrail/fixtures/cloudtrail.log', here), 'utf8').split('\n')[0]!;
    const [event] = ingest.ingest(batchOf(line)).events;
    expect(slots.map((slot) => event!.values[slot])).toEqual(['ConsoleLogin', 'IAMUser', 'alice']);
    expect(slots.every((slot) => slot >= fields.length)).toBe(true);
  });
});

// The list of ECS fields lies beside the checkout; where it does not, the names were checked when the fixtures were written.
const ecs = new URL('../../../../../../../shared/data/enrich/ecs/fields.csv.gz', import.meta.url);

describe.skipIf(!existsSync(ecs))('fields of records', () => {
  it('are those of ECS, or ours', () => {
    const known = new Set(
      gunzipSync(readFileSync(ecs))
        .toString('utf8')
        .split('\n')
        .map((row) => row.split(',')[3]!),
    );
    const strange = new Set<string>();
    for (const [folder, log] of all)
      for (const document of documents('json', readFileSync(new URL(`${folder}/fixtures/${log}`, here))))
        for (const name of leaves(document, '')) if (!known.has(name) && !name.startsWith('gatewatch.')) strange.add(`${folder}: ${name}`);
    expect([...strange]).toEqual([]);
  });

  function leaves(value: unknown, name: string): string[] {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [name];
    return Object.entries(value).flatMap(([key, part]) => leaves(part, name === '' ? key : `${name}.${key}`));
  }
});
