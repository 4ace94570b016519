import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Event, FieldIndex, fields, slot, toDocument, type Evidence, type FieldValue, type Signal } from '#ecs';
import { DocumentWriter, type ElasticEngine } from '#elastic';
import { sampleSignal } from '#testkit';
import { elasticsearchOrSkip } from '../../tools/engines/ready.js';
import { counted, freshNamespace, openTestEngine, removeNamespace } from './elastic-engine.js';

const elasticsearch = await elasticsearchOrSkip();
const url = elasticsearch?.url ?? '';
const day = 86_400_000;
const index = new FieldIndex();
index.slot('custom.field');

afterAll(() => elasticsearch?.stop());

describe.skipIf(!elasticsearch)('the Elasticsearch adapter', () => {
  let engine: ElasticEngine;
  let namespace: string;
  beforeEach(async () => {
    namespace = freshNamespace();
    engine = await openTestEngine(url, { namespace }, index);
  });
  afterEach(async () => {
    await removeNamespace(url, engine);
    await engine.close();
  });

  const api = async (method: string, path: string): Promise<unknown> => (await fetch(url + path, { method })).json();
  const events = (): Promise<{ count: number }> => api('GET', `/${engine.names.events}/_count`) as Promise<{ count: number }>;
  const backing = async (): Promise<string[]> => Object.keys((await api('GET', `/${engine.names.events}/_settings`)) as object).sort();

  it('gives every event back as it was, or keeps it as a dead letter with the reason', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.constantFrom('\u0000', '\ud800', '"', '\r\n', '\\', 'x'.repeat(40_000)),
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
    const row = fc.tuple(
      fc.array(fc.tuple(fc.nat(fields.length), value), { maxLength: 8 }),
      fc.option(fc.dictionary(text, fc.jsonValue()), { nil: undefined }),
    );
    const sink = await engine.events({ name: 'events-0' });
    const seen = { equal: 0, dead: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 60 }), async (rows) => {
        const from = sink.mark();
        const written = rows.map(([values, extra], at) => eventAt(from + at, values, extra as Event['extra']));
        await sink.append({ from, to: from + rows.length, events: written, deadLetters: [], duplicates: [], blank: {} });
        const found = await engine.store.eventsOf(written.map(named));
        const dead = await engine.store.searchDeadLetters({ limit: 10_000 });
        const letters = new Set(dead.found.map(({ gatewatch }) => (gatewatch as { offset: number }).offset));
        const expected = written
          .filter(({ offset }) => !letters.has(offset))
          .map((event) => JSON.parse(JSON.stringify(toDocument(event, index))) as { gatewatch: Record<string, unknown> });
        // A name that the store needs for itself: see README.
        for (const { gatewatch } of expected) delete gatewatch['extra'];
        expect(found).toEqual(expected);
        seen.equal += found.length;
        seen.dead = letters.size;
      }),
      { numRuns: 12 },
    );
    expect(seen.equal).toBeGreaterThan(0);
    const { web } = await sink.balance();
    expect([web?.stored, web?.deadLettered]).toEqual([seen.equal, seen.dead]);
    for (const { error } of (await engine.store.searchDeadLetters({ limit: 10_000 })).found) {
      expect(error).toEqual({ code: 'field_type', message: expect.stringMatching(/^The event store refused the event: \S/) as string });
    }
  });

  it('stores a record once although a rollover lies between its two writings', async () => {
    const stretch = { from: 0, to: 50, events: numbered(0, 50), deadLetters: [], duplicates: [], blank: {} };
    await (await engine.events({ name: 'events-0' })).append(stretch);
    await api('POST', `/${engine.names.events}/_rollover`);
    // As after a crash before the mark was written.
    await api('DELETE', `/${engine.names.marks}/_doc/events-0?refresh=true`);
    const again = await openTestEngine(url, { namespace });
    const sink = await again.events({ name: 'events-0' });
    expect(sink.mark()).toBe(0);
    await sink.append(stretch);
    await sink.append({ ...stretch, from: 50, to: 60, events: numbered(50, 60) });
    await again.refresh();
    expect((await events()).count).toBe(60);
    expect(await sink.balance()).toEqual({ web: { stored: 60, deadLettered: 0, duplicate: 0, blank: 0 } });
    await again.close();
  });

  it('keeps the balance although two processes write for one task', async () => {
    const [old, young] = [await engine.events({ name: 'events-0' }), await engine.events({ name: 'events-0' })];
    const stretch = (from: number, to: number) => ({ from, to, events: numbered(from, to), deadLetters: [], duplicates: [], blank: {} });
    await Promise.all([
      ...[0, 10, 20, 30].map((from) => old.append(stretch(from, from + 10))),
      ...[0, 15, 30].map((from) => young.append(stretch(from, from + 15))),
    ]);
    expect(await counted(url, engine)).toEqual({ events: 45, deadLetters: 0 });
    expect(await engine.balance()).toEqual({ web: { stored: 45, deadLettered: 0, duplicate: 0, blank: 0 } });
  });

  it('forwards text that is written already, byte for byte', async () => {
    const writer = new DocumentWriter();
    const written = numbered(0, 3).map((event) => ({
      id: event.id,
      own: false,
      source: event.source,
      offset: event.offset,
      document: Buffer.from(writer.write(event)),
    }));
    const sink = await engine.events({ name: 'events-0' });
    await sink.append({ from: 0, to: 3, events: written, deadLetters: [], duplicates: [], blank: {} });
    expect(await engine.store.eventsOf(numbered(0, 3).map(named))).toEqual(numbered(0, 3).map((event) => toDocument(event)));
  });

  it('finds evidence by id: two partitions have one offset, and a task that counts has offsets of its own', async () => {
    const [one, other] = [0, 1].map((partition) => {
      const event = new Event(5, 2000, 'web', { tag: `partition000${partition}`, position: 5 });
      event.time = event.stamp = 1000;
      return event;
    });
    for (const event of [one!, other!]) {
      const sink = await engine.events({ name: event.identity.tag });
      await sink.append({ from: 0, to: 6, events: [event], deadLetters: [], duplicates: [], blank: { web: 5 } });
    }
    expect(await engine.store.eventsOf([{ offset: 9, time: 1000, id: other!.id }])).toEqual([toDocument(other!)]);
    expect(await engine.store.eventsOf([other!, one!].map(named))).toEqual([toDocument(other!), toDocument(one!)]);
    // What names no event is no event.
    expect(await engine.store.eventsOf([{ offset: 5, time: 1000 }])).toEqual([]);
  });

  it('cuts a large stretch into requests', async () => {
    const small = await openTestEngine(url, { namespace, bulk: { size: '64KiB', retry_for: '2s' } });
    const sink = await small.events({ name: 'events-0' });
    await sink.append({ from: 0, to: 4000, events: numbered(0, 4000), deadLetters: [], duplicates: [], blank: {} });
    await small.refresh();
    expect((await events()).count).toBe(4000);
    await small.close();
  });

  it('keeps one document of a signal whose beginning moves back over the end of a month, whatever the order', async () => {
    const november = Date.UTC(2026, 10, 1, 0, 5);
    const late = sampleSignal({ id: 'x', revision: 1, first: november, last: november + 1000, reached: november });
    const early = { ...late, revision: 2, first: november - 600_000 };
    const closed: Signal = { ...early, revision: 3, status: 'closed' };
    for (const [task, order] of Object.entries({ 'signals-0': [late, early, closed], 'signals-1': [closed, late, early] })) {
      const sink = await engine.signals(task);
      for (const [at, signal] of order.entries()) await sink.putSignals([{ ...signal, id: task }], at + 1);
      expect((await engine.store.searchSignals({ limit: 9, rule: late.rule.id })).found.filter(({ id }) => id === task)).toEqual([
        { ...closed, id: task },
      ]);
      expect((await engine.signals(task)).signalMark()).toBe(3);
    }
  });

  it('rolls over and forgets by age, where the cluster does not do it by itself', async () => {
    const sink = await engine.events({ name: 'events-0' });
    await sink.append({ from: 0, to: 5, events: numbered(0, 5), deadLetters: [], duplicates: [], blank: {} });
    await api('POST', `/${engine.names.events}/_rollover`);
    await sink.append({ from: 5, to: 8, events: numbered(5, 8), deadLetters: [], duplicates: [], blank: {} });
    const old = sampleSignal({ id: 'old', status: 'closed', first: day, last: day, reached: day });
    await (await engine.signals('signals-0')).putSignals([old, { ...old, id: 'open', status: 'open', first: 70 * day, last: 70 * day }], 2);
    await engine.maintain(Date.now());
    expect(await backing()).toHaveLength(2);
    await engine.maintain(Date.now() + 91 * day);
    await engine.refresh();
    expect(await backing()).toHaveLength(engine.features.lifecycle ? 2 : 1);
    expect([await engine.store.signal('old'), (await engine.store.signal('open'))?.id]).toEqual([undefined, 'open']);
  });

  it('writes nothing to the cluster state at a second start', async () => {
    const version = async (): Promise<number> =>
      ((await api('GET', '/_cluster/state/version?filter_path=version')) as { version: number }).version;
    const before = await version();
    await (await openTestEngine(url, { namespace })).close();
    expect(await version()).toBe(before);
  });

  it('maps what the event table has and nothing that a sender invents', async () => {
    const sink = await engine.events({ name: 'events-0' });
    const mapping = (): Promise<unknown> => api('GET', `/${engine.names.events}/_mapping`);
    const first = numbered(0, 1);
    await sink.append({ from: 0, to: 1, events: first, deadLetters: [], duplicates: [], blank: {} });
    const before = await mapping();
    const strange = Array.from({ length: 300 }, (_, at) =>
      eventAt(1 + at, [], { [`field${at}`]: { [`key${at}`]: at }, source: { odd: at } }),
    );
    await sink.append({ from: 1, to: 301, events: strange, deadLetters: [], duplicates: [], blank: {} });
    expect(await mapping()).toEqual(before);
    const found = await engine.store.searchEvents({ limit: 9, filters: { 'field7.key7': ['7'] } });
    expect(found.found).toEqual([toDocument(strange[7]!)]);
  });
});

function numbered(from: number, to: number): Event[] {
  return Array.from({ length: to - from }, (_, at) => eventAt(from + at, [[slot['source.ip'], '10.0.0.1']]));
}

function eventAt(offset: number, values: readonly (readonly [slot: number, value: FieldValue])[], extra?: Event['extra']): Event {
  const event = new Event(offset, 2000, 'web', { tag: 'abcdefghijkl', position: offset });
  event.time = event.stamp = Date.UTC(2026, 10, 1) + offset;
  event.extra = extra;
  for (const [slot, value] of values) event.values[slot] = value;
  return event;
}

function named({ offset, time, id }: Event): Evidence {
  return { offset, time, id };
}
