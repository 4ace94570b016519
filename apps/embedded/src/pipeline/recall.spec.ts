import { describe, expect, it } from 'vitest';
import { FieldIndex } from '#ecs';
import { buildIngest } from '#ingest';
import type { LogEntry } from '#stream';
import { recallEvent } from './recall.js';

const line = (n: number): string => `203.0.113.${n} - - [15/Jan/2026:00:00:0${n} +0000] "GET /${n} HTTP/1.1" 200 5\n`;
const payload = Buffer.from([1, 2, 3].map(line).join(''));
const batch = { source: 'web', arrival: Date.UTC(2026, 0, 15, 1), offset: 10, count: 3, payload, tag: 'abcdefghijkl', position: 5000 };
const log = {
  start: () => 10,
  read: (offset: number): LogEntry[] => (offset < 13 ? [batch] : offset === 13 ? [{ offset: 13, tick: 0 }] : []),
};
const ingest = buildIngest({
  source: (name) => ({ name, format: 'auto' }),
  index: new FieldIndex(),
  enrichers: [],
  eager: [],
  keepOriginal: false,
});

describe('reading one event again', () => {
  it('gives the event that the whole batch gave, with its id and line', () => {
    const all = ingest.ingest(batch).events;
    for (const event of all) {
      const again = recallEvent(log, ingest, event.offset)!;
      expect(again.id).toBe(event.id);
      expect(again.time).toBe(event.time);
      expect(ingest.line(again)).toBe(ingest.line(event));
    }
  });

  it('gives nothing for a progress record, for what was trimmed and for what is not there', () => {
    expect(recallEvent(log, ingest, 13)).toBeUndefined();
    expect(recallEvent(log, ingest, 9)).toBeUndefined();
    expect(recallEvent(log, ingest, 14)).toBeUndefined();
  });
});
