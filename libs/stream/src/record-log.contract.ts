import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isTick, type RecordBatch, type RecordLog } from './record-log.js';

/** A log under test. `reopen` closes it and opens what it left behind, as after a restart. */
export interface OpenedRecordLog {
  readonly log: RecordLog;
  reopen(): Promise<RecordLog>;
  close(): Promise<void>;
}

/** What every `RecordLog` owes. */
export function recordLogContract(open: () => Promise<OpenedRecordLog>): void {
  describe('a record log', () => {
    let opened: OpenedRecordLog;
    let log: RecordLog;
    beforeEach(async () => {
      opened = await open();
      log = opened.log;
    });
    afterEach(() => opened.close());

    it('gives offsets without holes, to ticks too', async () => {
      expect([log.start(), log.end(), log.read(0, 1000)]).toEqual([0, 0, []]);
      expect(await log.append([batch('a\nb'), batch('c')])).toBe(0);
      await log.tick(77);
      expect(await log.append([batch('d\n\ne')])).toBe(4);
      expect(log.end()).toBe(7);
      expect(log.read(0, 1000).map(({ offset }) => offset)).toEqual([0, 2, 3, 4]);
      expect(log.read(3, 1000).find(isTick)).toEqual({ offset: 3, tick: 77 });
    });

    it('gives back what it was given, byte for byte, also after a restart', async () => {
      const raw = Uint8Array.from({ length: 70_000 }, (_, at) => (at * 31) % 256);
      await log.append([
        { source: 'web', arrival: 5, count: 9, payload: raw, tag: 'abcdefghijkl', position: 4096, header: '#Fields: date time' },
      ]);
      log = await opened.reopen();
      const [entry] = log.read(0, 10);
      const kept = { offset: 0, source: 'web', arrival: 5, count: 9, tag: 'abcdefghijkl', position: 4096, header: '#Fields: date time' };
      expect(entry).toMatchObject(kept);
      expect(entry && 'payload' in entry && Buffer.from(entry.payload).equals(raw)).toBe(true);
      expect(log.end()).toBe(9);
    });

    it('hands out payloads that stay as they are while the log goes on', async () => {
      await log.append([batch('first')]);
      const [entry] = log.read(0, 100);
      for (let round = 0; round < 30; round++) await log.append([batch('x'.repeat(50_000))]);
      await log.trim(20);
      expect(text(entry)).toBe('first');
    });

    it('begins a reading with the entry that holds the offset and stops at the size asked for, after one entry at least', async () => {
      await log.append([batch('a\nb\nc'), batch('d'), batch('e')]);
      expect(log.read(1, 1).map(text)).toEqual(['a\nb\nc']);
      expect(log.read(2, 6).map(text)).toEqual(['a\nb\nc', 'd']);
      expect(log.read(3, 100).map(text)).toEqual(['d', 'e']);
      expect(log.read(5, 100)).toEqual([]);
    });

    it('keeps the order of callers that append at once, and counts what it received by source', async () => {
      const firsts = await Promise.all(Array.from({ length: 40 }, (_, at) => log.append([batch(`${at}`, at % 2 ? 'odd' : 'even')])));
      expect(firsts).toEqual(Array.from({ length: 40 }, (_, at) => at));
      expect(log.read(0, 10_000).map(text)).toEqual(Array.from({ length: 40 }, (_, at) => `${at}`));
      expect(log.received()).toEqual({ odd: 20, even: 20 });
      log = await opened.reopen();
      expect(log.received()).toEqual({ odd: 20, even: 20 });
    });

    it('saves bookmarks with the records that they cover', async () => {
      await log.append([batch('a')], { 'file:/var/log/a b': '10', '\u0000odd\ud800': 'x' });
      await log.append([batch('b')], { 'file:/var/log/a b': '20' });
      log = await opened.reopen();
      expect([log.bookmark('file:/var/log/a b'), log.bookmark('\u0000odd\ud800'), log.bookmark('none')]).toEqual(['20', 'x', undefined]);
    });

    it('forgets what lies wholly before an offset', async () => {
      await log.append([batch('a\nb'), batch('c\nd'), batch('e')]);
      await log.trim(3);
      expect([log.start(), log.end()]).toEqual([2, 5]);
      expect(log.read(0, 100).map(text)).toEqual(['c\nd', 'e']);
      await log.trim(5);
      log = await opened.reopen();
      expect([log.start(), log.end()]).toEqual([5, 5]);
      expect(await log.append([batch('f')])).toBe(5);
    });

    it('wakes who waits for records, and who gives up', async () => {
      const gaveUp = new AbortController();
      const waiting = log.waitFor(1, new AbortController().signal);
      const aborted = log.waitFor(1000, gaveUp.signal);
      await log.append([batch('a\nb')]);
      await waiting;
      gaveUp.abort();
      await aborted;
      await log.waitFor(0, new AbortController().signal);
    });
  });
}

function batch(records: string, source = 'web'): RecordBatch {
  return { source, arrival: 1000, count: records.split('\n').length, payload: Buffer.from(records) };
}

function text(entry: unknown): string {
  return Buffer.from((entry as RecordBatch).payload).toString();
}
