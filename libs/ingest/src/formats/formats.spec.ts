import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deadLetterDocument, toDocument } from '#ecs';
import { batchOf, ingestFor } from '../spec-kit.js';
import { formatNames, type FormatName } from './format-names.js';

/** One document per record, in the order of the log. */
function documents(format: FormatName | 'auto', text: Uint8Array, timeZone?: string): string {
  const { events, deadLetters } = ingestFor({ format, ...(timeZone && { timeZone }) }, { eager: 'all', keepOriginal: true }).ingest(
    batchOf(text),
  );
  const all = [
    ...events.map((event) => ({ offset: event.offset, document: toDocument(event) })),
    ...deadLetters.map((letter) => ({ offset: letter.offset, document: deadLetterDocument(letter) })),
  ].sort((a, b) => a.offset - b.offset);
  return all.map(({ document }) => `${JSON.stringify(document)}\n`).join('');
}

describe.each(formatNames)('the format %s', (format) => {
  const folder = new URL(`./${format}/`, import.meta.url);
  const logs = readdirSync(new URL('fixtures/', folder)).filter((name) => name.endsWith('.log'));

  it.each(logs)('reads %s as its expected documents say', (name) => {
    const text = readFileSync(new URL(`fixtures/${name}`, folder));
    // JSON is read without a zone, so that its fixtures show what then happens.
    const zone = format === 'json' ? undefined : 'Europe/Berlin';
    const found = documents(format, text, zone);
    const expected = new URL(`fixtures/${name.replace('.log', '.expected.ndjson')}`, folder);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(expected, found);
    expect(found).toBe(readFileSync(expected, 'utf8'));
  });

  it.each(logs)('reads %s the same when it finds the format itself, apart from who wrote it', (name) => {
    const text = readFileSync(new URL(`fixtures/${name}`, folder));
    const zone = format === 'json' ? undefined : 'Europe/Berlin';
    expect(events(documents('auto', text, zone))).toEqual(events(documents(format, text, zone)));
    function events(found: string): unknown {
      const lines = found.split('\n').filter((line) => line.includes('"kind":"event"'));
      return lines.map((line) => line.replace(/"(?:dataset|module)":"[^"]*",?/g, ''));
    }
  });

  it('has a README and fixtures with rejected lines', () => {
    expect(existsSync(new URL('README.md', folder))).toBe(true);
    expect(
      logs.some((name) =>
        /pipeline_error/.test(readFileSync(new URL(`fixtures/${name.replace('.log', '.expected.ndjson')}`, folder), 'utf8')),
      ),
    ).toBe(true);
  });
});
