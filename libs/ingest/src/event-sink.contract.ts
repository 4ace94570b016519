import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Event, type DeadLetter } from '#ecs';
import type { EventSink, Ingested } from './ingested.js';

/** A sink under test. `reopen` closes it and opens what it left behind, as after a restart; `stored` counts events and dead letters. */
export interface OpenedEventSink {
  readonly sink: EventSink;
  reopen(): Promise<EventSink>;
  stored(): Promise<{ readonly events: number; readonly deadLetters: number }>;
  close(): Promise<void>;
}

/** What every `EventSink` owes. */
export function eventSinkContract(open: () => Promise<OpenedEventSink>): void {
  describe('an event sink', () => {
    let opened: OpenedEventSink;
    let sink: EventSink;
    beforeEach(async () => {
      opened = await open();
      sink = opened.sink;
    });
    afterEach(() => opened.close());

    it('moves its mark with what it stores, and keeps both over a restart', async () => {
      expect(sink.mark()).toBe(0);
      await sink.append(stretch(0, 10, { deadLetters: [3, 4], blank: { web: 2 } }));
      await sink.append(stretch(10, 12, { duplicates: [11] }));
      sink = await opened.reopen();
      expect(sink.mark()).toBe(12);
      expect(await opened.stored()).toEqual({ events: 9, deadLetters: 2 });
      expect(await sink.balance()).toEqual({ web: { stored: 9, deadLettered: 2, duplicate: 1, blank: 2 } });
    });

    it('takes a stretch again, cut differently, without storing anything twice', async () => {
      await sink.append(stretch(0, 10));
      await sink.append(stretch(0, 10));
      await sink.append(stretch(5, 15));
      await sink.append(stretch(15, 20, { events: [] }));
      expect(await opened.stored()).toEqual({ events: 15, deadLetters: 0 });
      expect([sink.mark(), (await sink.balance())['web']?.stored]).toEqual([20, 15]);
    });

    it('takes several stretches in flight, in order', async () => {
      await Promise.all(Array.from({ length: 12 }, (_, at) => sink.append(stretch(at * 5, at * 5 + 5))));
      expect(sink.mark()).toBe(60);
      expect(await opened.stored()).toEqual({ events: 60, deadLetters: 0 });
    });

    it('refuses a stretch that would leave a hole', async () => {
      await expect(sink.append(stretch(5, 6))).rejects.toMatchObject({ code: 'store_gap' });
      await sink.append(stretch(0, 6));
      expect(sink.mark()).toBe(6);
    });

    it("leaves an event alone whose sender's own id is stored already, and counts it as a duplicate", async () => {
      await sink.append(stretch(0, 3, { own: (offset) => `own-${offset}` }));
      await sink.append(stretch(3, 8, { own: (offset) => (offset < 6 ? `own-${offset - 3}` : 'same') }));
      expect(await opened.stored()).toEqual({ events: 4, deadLetters: 0 });
      expect(await sink.balance()).toEqual({ web: { stored: 4, deadLettered: 0, duplicate: 4, blank: 0 } });
    });
  });
}

interface Parts {
  readonly events?: readonly number[];
  readonly deadLetters?: readonly number[];
  readonly duplicates?: readonly number[];
  readonly blank?: Readonly<Record<string, number>>;
  readonly own?: (offset: number) => string;
}

/** A stretch of the source `web` with an event at every offset that nothing else is at. */
function stretch(from: number, to: number, { events, deadLetters = [], duplicates = [], blank = {}, own }: Parts = {}): Ingested {
  const all = Array.from({ length: to - from }, (_, at) => from + at);
  const taken = new Set([...deadLetters, ...duplicates]);
  return {
    from,
    to,
    events: (events ?? all.filter((offset) => !taken.has(offset))).map((offset) => eventAt(offset, own?.(offset))),
    deadLetters: deadLetters.map(letterAt),
    duplicates: duplicates.map((offset) => ({ offset, source: 'web' })),
    blank,
  };
}

function eventAt(offset: number, own: string | undefined): Event {
  const event = new Event(offset, 1000 + offset, 'web', { tag: 'abcdefghijkl', position: offset, own });
  event.time = event.stamp = 500 + offset;
  return event;
}

function letterAt(offset: number): DeadLetter {
  return {
    id: `letter-${offset}`,
    offset,
    arrival: 1000,
    source: 'web',
    reason: 'line_shape',
    message: 'No.',
    raw: Buffer.from([0, 255, 10]),
  };
}
