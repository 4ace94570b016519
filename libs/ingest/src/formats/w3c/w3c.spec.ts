import { describe, expect, it } from 'vitest';
import { slot } from '#ecs';
import { batchOf, ingestFor } from '../../spec-kit.js';
import { compileLogFormat } from '../formats.js';

const fields = 'date time c-ip cs-method cs-uri-stem cs-uri-query sc-status x-own time-taken cs(User-Agent)';

describe('the extended log format', () => {
  it('is read by the columns that the source names, parted by blanks or tabs', () => {
    const line = '2026-01-15 10:05:03 203.0.113.7 GET /a q=1 404 what 12 curl/8.5.0';
    const { events, deadLetters, blank } = ingestFor({ format: { kind: 'w3c', logFormat: `#Fields: ${fields}` } }).ingest(
      batchOf(`#Software: x\n${line}\n${line.replaceAll(' ', '\t')}\n2026-01-15 10:05:03 203.0.113.7\n`),
    );
    expect(blank).toEqual({ test: 1 });
    expect(deadLetters.map(({ reason }) => reason)).toEqual(['line_shape']);
    for (const { values, time } of events) {
      expect([time, values[slot['source.ip']], values[slot['url.original']], values[slot['http.response.status_code']]]).toEqual([
        Date.UTC(2026, 0, 15, 10, 5, 3),
        '203.0.113.7',
        '/a?q=1',
        404,
      ]);
    }
    expect(events).toHaveLength(2);
  });

  it('without a time cannot be configured', () => {
    expect(compileLogFormat('w3c', 'c-ip cs-method')).toEqual({ ok: false, problem: 'it has no time: add the columns date and time' });
  });

  it('counts its directives as blank, so every record still has one outcome', () => {
    const { events, deadLetters, blank } = ingestFor({ format: 'auto' }).ingest(
      batchOf('#Version: 1.0\n#Fields: date time\n# a comment\n'),
    );
    expect([events.length, deadLetters.length, blank]).toEqual([0, 1, { test: 2 }]);
  });
});
