import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  deadLetterDocument,
  Event,
  FieldIndex,
  slot,
  toDocument,
  type DeadLetter,
  type Evidence,
  type FieldName,
  type FieldValue,
} from '#ecs';
import { sampleSignal } from '#testkit';
import type { EventStore, SignalSink, SweepQuery } from './event-store.js';

/** A store under test; `put` stores events and dead letters, each with an offset of its own. */
export interface OpenedEventStore {
  readonly store: EventStore & SignalSink;
  put(events: readonly Event[], deadLetters?: readonly DeadLetter[]): Promise<void>;
  close(): Promise<void>;
}

/** What every `EventStore` and `SignalSink` owes. */
export function eventStoreContract(open: () => Promise<OpenedEventStore>): void {
  describe('an event store', () => {
    let opened: OpenedEventStore;
    let store: EventStore & SignalSink;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close());

    const found = async (filters: Record<string, string[]>): Promise<number[]> => {
      const page = await store.searchEvents({ filters, limit: 100 });
      return page.found.map(({ gatewatch }) => (gatewatch as { offset: number }).offset);
    };

    it('gives documents back as they were', async () => {
      const event = eventAt(0, {
        'event.category': ['authentication', 'web'],
        'source.ip': '2001:db8::7',
        'source.geo.location': { lat: 52.5, lon: -0.1 },
        'http.response.status_code': 401,
        'gatewatch.source.bot': true,
        'gatewatch.upstream.response_time': 0.25,
        'user.name': 'a"\r\n\u0000\\\u{1f600}\ud800',
        'url.original': '/\u0000?q="x"\n',
      });
      event.extra = { labels: { team: 'a\u0000b', n: [1, { x: null }] } };
      event.stamp = event.time + 7;
      await opened.put([event]);
      expect((await store.searchEvents({ limit: 5 })).found).toEqual([toDocument(event)]);
      expect(await store.event(event.id)).toEqual(toDocument(event));
      expect(await store.event('nobody')).toBeUndefined();
    });

    it('finds the events that a signal names, in the order in which it names them, and leaves out those that are gone', async () => {
      const events = [0, 1, 2].map((offset) => eventAt(offset, { 'user.name': `user ${offset}` }));
      await opened.put(events);
      const named = (event: Event): Evidence => ({ offset: event.offset, time: event.time, id: event.id });
      const gone: Evidence = { offset: 7, time: 1000, id: eventAt(7, {}).id };
      expect(await store.eventsOf([events[2]!, events[0]!].map(named).toSpliced(1, 0, gone))).toEqual(
        [events[2]!, events[0]!].map((event) => toDocument(event)),
      );
      expect(await store.eventsOf([])).toEqual([]);
    });

    it('gives all events in order, as they were, with the fields that are asked for', async () => {
      const events = [0, 1, 1, 2].map((place, offset) =>
        eventAt(offset, { 'user.name': `user ${place}`, 'event.category': ['web'] }, 1000 + place),
      );
      events[1]!.stamp = 9000;
      events[2]!.values[slot['source.geo.location']] = { lat: 52.5, lon: -0.1 };
      events[3]!.extra = { labels: { team: 'blue' } };
      await opened.put(events);
      const swept = async (query: Partial<SweepQuery>): Promise<Event[]> => {
        const all: Event[] = [];
        for await (const page of store.sweep({ index: new FieldIndex(), ...query })) all.push(...page);
        return all;
      };
      const whole = (event: Event): unknown => [event.arrival, toDocument(event)];
      expect((await swept({})).map(whole)).toEqual(events.map(whole));
      expect((await swept({})).map(({ offset }) => offset)).toEqual([0, 1, 2, 3]);
      expect((await swept({ from: 1001, to: 1002 })).map(({ id }) => id)).toEqual([events[1]!.id, events[2]!.id]);
      const [first] = await swept({ slots: new Set([slot['user.name']]) });
      expect([first!.id, first!.time, first!.values[slot['user.name']], first!.values[slot['event.category']]]).toEqual([
        events[0]!.id,
        1000,
        'user 0',
        undefined,
      ]);
    });

    it('filters by exact value, prefix, network, number, list and custom fields', async () => {
      const custom = eventAt(3, { 'source.ip': '::ffff:10.1.0.9' });
      custom.extra = { labels: { team: 'blue', tags: ['x', 'y'] } };
      await opened.put([
        eventAt(0, { 'source.ip': '10.0.0.1', 'user.name': 'alice', 'event.category': ['web'], 'http.response.status_code': 401 }),
        eventAt(1, { 'source.ip': '10.200.0.1', 'user.name': 'al*', 'event.category': ['web', 'session'] }),
        eventAt(2, { 'source.ip': '2001:db8::1', 'user.name': 'bob', 'gatewatch.source.bot': true }),
        custom,
      ]);
      expect(await found({ 'user.name': ['alice', 'bob'] })).toEqual([2, 0]);
      expect(await found({ 'user.name': ['al*'] })).toEqual([1, 0]);
      expect(await found({ 'user.name': ['al\\*'] })).toEqual([1]);
      expect(await found({ 'source.ip': ['10.0.0.0/8'] })).toEqual([3, 1, 0]);
      expect(await found({ 'source.ip': ['10.0.0.0/9', '2001:DB8:0::/32'] })).toEqual([3, 2, 0]);
      expect(await found({ 'source.ip': ['2001:0db8::0001'] })).toEqual([2]);
      expect(await found({ 'http.response.status_code': ['401'] })).toEqual([0]);
      expect(await found({ 'event.category': ['web'], 'user.name': ['alice'] })).toEqual([0]);
      expect(await found({ 'event.category': ['session'] })).toEqual([1]);
      expect(await found({ 'gatewatch.source.bot': ['true'] })).toEqual([2]);
      expect(await found({ 'labels.team': ['blue'] })).toEqual([3]);
      expect(await found({ 'labels.tags': ['y'] })).toEqual([3]);
      expect(await found({ 'user.name': ["x' OR 1=1 --"] })).toEqual([]);
    });

    it('refuses a filter that cannot be meant and names the field', async () => {
      const wrong: Record<string, string> = {
        nonsense: 'x',
        'source.ip': '10.0.0',
        'client.ip': '10.0.0.0/33',
        'http.response.status_code': '4xx',
        'source.geo.location': '1,2',
      };
      for (const [name, value] of Object.entries(wrong)) {
        const message = expect.stringContaining(`"${name}"`) as string;
        await expect(store.searchEvents({ filters: { [name]: [value] }, limit: 5 })).rejects.toMatchObject({
          code: 'query_invalid',
          message,
        });
      }
    });

    it('pages from the newest on by time and offset, within a range', async () => {
      await opened.put(Array.from({ length: 25 }, (_, at) => eventAt(at, {}, 1000 + Math.floor(at / 4))));
      const seen: number[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.searchEvents({ from: 1001, to: 1006, limit: 7, cursor });
        seen.push(...page.found.map(({ gatewatch }) => (gatewatch as { offset: number }).offset));
        cursor = page.cursor;
      } while (cursor);
      expect(seen).toEqual(Array.from({ length: 20 }, (_, at) => 23 - at));
      await expect(store.searchEvents({ limit: 1, cursor: 'bm8' })).rejects.toMatchObject({ code: 'query_invalid' });
      await expect(store.searchEvents({ limit: 0 })).rejects.toMatchObject({ code: 'query_invalid' });
    });

    it('keeps dead letters with their bytes', async () => {
      const letters = [
        letterAt(0, 'line_shape', Buffer.from([0, 255, 10, 34])),
        letterAt(1, 'timestamp', Buffer.alloc(0)),
        letterAt(2, 'line_shape', Buffer.from('é')),
      ];
      await opened.put([], letters);
      const page = await store.searchDeadLetters({ limit: 2 });
      expect(page.found).toEqual([letters[2], letters[1]].map((letter) => deadLetterDocument(letter!)));
      expect((await store.searchDeadLetters({ limit: 2, cursor: page.cursor })).found).toEqual([deadLetterDocument(letters[0]!)]);
      expect((await store.searchDeadLetters({ limit: 9, reason: 'timestamp', source: 'web', from: 0, to: 9999 })).found).toHaveLength(1);
    });

    it('keeps the highest revision of a signal, whatever the order', async () => {
      expect(store.signalMark()).toBe(0);
      const closed = sampleSignal({ id: 'a', revision: 3, status: 'closed' });
      await store.putSignals(
        [sampleSignal({ id: 'a', revision: 1 }), closed, sampleSignal({ id: 'b', reached: 5, group: { 'source.ip': "x'y" } })],
        3,
      );
      await store.putSignals([sampleSignal({ id: 'a', revision: 2 })], 4);
      expect(store.signalMark()).toBe(4);
      expect(await store.signal('a')).toEqual(closed);
      expect(await store.signal('c')).toBeUndefined();
      const page = await store.searchSignals({ limit: 1 });
      expect(page.found).toEqual([closed]);
      expect((await store.searchSignals({ limit: 1, cursor: page.cursor })).found.map(({ id }) => id)).toEqual(['b']);
      expect((await store.searchSignals({ limit: 9, status: 'open' })).found.map(({ id }) => id)).toEqual(['b']);
      expect((await store.searchSignals({ limit: 9, group: { 'source.ip': "x'y" } })).found.map(({ id }) => id)).toEqual(['b']);
      expect(
        (await store.searchSignals({ limit: 9, rule: closed.rule.id, level: 'high', from: 0, to: 6 })).found.map(({ id }) => id),
      ).toEqual(['b']);
    });
  });
}

function eventAt(offset: number, values: Partial<Record<FieldName, FieldValue>>, time = 1000): Event {
  const event = new Event(offset, 2000, 'web', { tag: 'abcdefghijkl', position: offset * 10 });
  event.time = event.stamp = time;
  for (const [name, value] of Object.entries(values)) event.values[slot[name as FieldName]] = value;
  return event;
}

function letterAt(offset: number, reason: DeadLetter['reason'], raw: Buffer): DeadLetter {
  return { id: `letter-${offset}`, offset, arrival: 2000, source: 'web', reason, message: 'No "time" there.', raw };
}
