import fc from 'fast-check';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Event, FieldIndex, fields, toDocument, type FieldValue } from '#ecs';
import { DuckStore } from './duck-store.js';

const day = 86_400_000;

describe('the DuckDB store', () => {
  let dir: string;
  let store: DuckStore;
  const index = new FieldIndex();
  index.slot('custom.field');
  const open = (segmentRows: number): Promise<DuckStore> => DuckStore.open({ dir, memoryLimit: '256MB', threads: 1, segmentRows }, index);
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'gatewatch-store-'));
    store = await open(50);
  });
  afterEach(async () => {
    await store.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const append = (events: readonly Event[]): Promise<void> =>
    store.append({ from: store.mark(), to: store.mark() + events.length, events, deadLetters: [], duplicates: [], blank: {} });
  const segments = (): string[] => readdirSync(join(dir, 'segments'));

  it('gives every value back, whatever it is, from the hot table and from files', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.constantFrom('\u0000', '\ud800', '\udc00', '"', '\r\n', '\\', '\u001f', 'null'),
    );
    const value: fc.Arbitrary<FieldValue> = fc.oneof(
      text,
      fc.array(text, { maxLength: 3 }),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant({ lat: 1.5, lon: -2 }),
    );
    const slots = fc.array(fc.tuple(fc.nat(fields.length), value), { maxLength: 8 });
    const rounds = fc.array(fc.tuple(slots, fc.option(fc.dictionary(text, fc.jsonValue()), { nil: undefined })), {
      minLength: 1,
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(rounds, async (rows) => {
        const from = store.mark();
        const events = rows.map(([values, extra], at) => eventAt(from + at, values, extra as Event['extra']));
        await append(events);
        const found = await store.eventsAt(events.map(({ offset }) => offset));
        // JSON has no -0.
        expect(found).toEqual(events.map((event) => JSON.parse(JSON.stringify(toDocument(event, index))) as unknown));
      }),
      { numRuns: 25 },
    );
  }, 300_000);

  it('folds what it has into one file for a closed day, and finds the same', async () => {
    for (let round = 0; round < 4; round++)
      await append(Array.from({ length: 60 }, (_, at) => eventAt(store.mark() + at, [], undefined, 10 * day + round)));
    await append([eventAt(store.mark(), [], undefined, 10 * day + 9)]);
    const before = await store.searchEvents({ limit: 500 });
    expect(await store.maintain(10 * day + 1000)).toEqual({ segments: 4, hotRows: 1 });
    expect(await store.maintain(12 * day)).toEqual({ segments: 1, hotRows: 0 });
    expect(segments()).toHaveLength(1);
    expect(await store.searchEvents({ limit: 500 })).toEqual(before);
    expect((await store.counts()).events).toBe(241);
  });

  it('forgets what is older than the retention, file by file', async () => {
    await append(Array.from({ length: 60 }, (_, at) => eventAt(at, [], undefined, day)));
    await append(Array.from({ length: 60 }, (_, at) => eventAt(60 + at, [], undefined, 5 * day)));
    await store.retain(3 * day);
    expect([segments().length, (await store.counts()).events]).toEqual([1, 60]);
    expect((await store.balance())['web']?.stored).toBe(120);
  });

  it('removes files that no manifest knows when it opens', async () => {
    await append(Array.from({ length: 60 }, (_, at) => eventAt(at, [])));
    await store.close();
    writeFileSync(join(dir, 'segments', '60-99.parquet'), 'half');
    store = await open(50);
    expect(segments()).toEqual(['0-60.parquet']);
    expect((await store.counts()).events).toBe(60);
  });

  it('goes on after a stretch that could not be written, with nothing of it stored', async () => {
    await append([eventAt(0, [])]);
    // A directory where the file should go: the write fails as it would on a full disk.
    rmSync(join(dir, 'segments'), { recursive: true });
    writeFileSync(join(dir, 'segments'), '');
    const events = Array.from({ length: 60 }, (_, at) => eventAt(1 + at, []));
    await expect(append(events)).rejects.toMatchObject({ retryable: true });
    rmSync(join(dir, 'segments'));
    await expect(append(events)).rejects.toThrow();
    await append(events);
    expect([store.mark(), (await store.counts()).events]).toEqual([61, 61]);
  });
});

function eventAt(
  offset: number,
  values: readonly (readonly [slot: number, value: FieldValue])[],
  extra?: Event['extra'],
  time = 1000 + offset,
): Event {
  const event = new Event(offset, 2000, 'web', { tag: 'abcdefghijkl', position: offset });
  event.time = event.stamp = time;
  event.extra = extra;
  for (const [slot, value] of values) event.values[slot] = value;
  return event;
}
