import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Event, FieldIndex, slot } from '#ecs';
import { DuckStore } from './duck-store.js';
import type { Sweep } from './sweep.js';

const start = Date.UTC(2026, 0, 15);

describe('reading the store in the order of the log', () => {
  let dir: string;
  let store: DuckStore;
  const index = new FieldIndex();
  const own = index.slot('custom.field');
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'gatewatch-sweep-'));
    store = await DuckStore.open({ dir, memoryLimit: '256MB', threads: 1, segmentRows: 50 }, index);
  });
  afterEach(async () => {
    await store.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const append = (count: number, gap = 0): Promise<void> => {
    const from = store.mark();
    const events = Array.from({ length: count }, (_, at) => eventAt(from + gap + at));
    return store.append({ from, to: from + gap + count, events, deadLetters: [], duplicates: [], blank: {} });
  };
  const eventAt = (offset: number): Event => {
    const event = new Event(offset, start + offset + 5, 'web', { tag: 'abcdefghijkl', position: offset });
    // Every seventh event is a second out of order.
    event.time = event.stamp = start + offset * 1000 - (offset % 7 === 0 ? 1500 : 0);
    event.values[slot['source.ip']] = `198.51.100.${offset % 250}`;
    event.values[slot['event.category']] = ['web'];
    event.values[slot['source.geo.location']] = { lat: 1.5, lon: -2 };
    event.values[slot['http.response.status_code']] = 200 + (offset % 3);
    event.values[own] = `own ${offset}`;
    return event;
  };
  const swept = async (sweep: Sweep): Promise<Event[]> => {
    const all: Event[] = [];
    for await (const events of store.sweep(sweep)) all.push(...events);
    return all;
  };

  it('gives each event once, from files and from the hot table, with its values', async () => {
    await append(120);
    await append(30, 60_000);
    await store.maintain(start);
    await append(10);
    const found = await swept({});
    const offsets = [...Array(120).keys(), ...Array.from({ length: 40 }, (_, at) => 60_120 + at)];
    expect(found.map(({ offset }) => offset)).toEqual(offsets);
    const { values, ...rest } = found[130]!;
    const expected = eventAt(offsets[130]!);
    expect({ ...rest, id: found[130]!.id }).toMatchObject({
      time: expected.time,
      arrival: expected.arrival,
      source: 'web',
      id: expected.id,
    });
    expect([slot['source.ip'], slot['event.category'], slot['source.geo.location'], own].map((at) => values[at])).toEqual(
      [slot['source.ip'], slot['event.category'], slot['source.geo.location'], own].map((at) => expected.values[at]),
    );
  });

  it('keeps to a time, and to the fields asked for', async () => {
    await append(120);
    const found = await swept({ from: start + 10_000, to: start + 20_000, slots: new Set([slot['source.ip']]) });
    const expected = Array.from({ length: 120 }, (_, at) => eventAt(at)).filter(
      ({ time }) => time >= start + 10_000 && time < start + 20_000,
    );
    expect(found.map(({ offset }) => offset)).toEqual(expected.map(({ offset }) => offset));
    expect(found[0]!.values[slot['source.ip']]).toBe(expected[0]!.values[slot['source.ip']]);
    expect(found[0]!.values[slot['http.response.status_code']]).toBeUndefined();
    expect(found[0]!.values[own]).toBe(expected[0]!.values[own]);
  });

  it('gives nothing of an empty store', async () => {
    expect(await swept({})).toEqual([]);
  });
});
