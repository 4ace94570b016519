import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deadLetterReasons, slot, toDocument } from '#ecs';
import { buildDedupe } from './dedupe.js';
import type { Ingested } from './ingested.js';
import { arrival, batchOf, ingestFor } from './spec-kit.js';

const good = '203.0.113.7 - - [15/Jan/2026:10:05:03 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl/8"';
const samples = [
  good,
  '[Thu Jan 15 10:06:00.880562 2026] [auth_basic:error] [pid 10] [client 203.0.113.7:50229] AH01618: user sss not found: /',
  '2026/01/15 10:06:00 [error] 31#31: *46 user "foo": password mismatch, client: 203.0.113.7, server: _, request: "GET / HTTP/1.1", host: "x"',
  'Jan 15 10:05:02 web1 sshd[101]: Failed password for root from 198.51.100.9 port 50101 ssh2',
  '<86>1 2026-01-15T10:05:25.003Z web3 sshd 400 - [meta x="a"] Failed password for bob from 198.51.100.11 port 50110 ssh2',
  '{"@timestamp":"2026-01-15T10:05:03.250Z","http":{"request":{"method":"GET"},"response":{"status_code":200}},"url":{"original":"/a?token=x"}}',
  '{"time":1768471506.5,"log":"203.0.113.7 - - [15/Jan/2026:10:05:08 +0000] \\"GET /e HTTP/1.1\\" 200 5\\n"}',
  'shop.example:443 10.0.0.1, 203.0.113.7 - Jane Doe [15/Jan/2026:10:05:03 +0000] "\\x16\\x03" 400 - "-" "-" rt=0.1 "x"',
];
const zoned = { timeZone: 'Europe/Berlin' };

/** Bytes that are real lines with holes, noise and other lines in them, or nothing of the kind. */
const hostile = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc
    .array(
      fc.tuple(
        fc.constantFrom(...samples),
        fc.array(fc.tuple(fc.nat(200), fc.uint8Array({ maxLength: 6 })), { maxLength: 4 }),
        fc.boolean(),
      ),
      { maxLength: 8 },
    )
    .map((lines) => Buffer.concat(lines.map(([line, edits, cr]) => Buffer.concat([edited(line, edits), Buffer.from(cr ? '\r\n' : '\n')])))),
);

function edited(line: string, edits: readonly [number, Uint8Array][]): Buffer {
  let bytes = Buffer.from(line);
  for (const [at, piece] of edits) bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + (piece.length % 3))]);
  return bytes;
}

/** Everything that a stretch says, as plain values. */
function outcome({ events, deadLetters, duplicates, blank }: Ingested): unknown {
  return { events: events.map((event) => toDocument(event)), deadLetters, duplicates, blank };
}

describe('ingest', () => {
  it('gives every record one outcome and never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(hostile, (payload) => {
        const batch = batchOf(payload, { tag: 'abcdefghijkl', position: 1000 });
        const { events, deadLetters, blank, to } = ingestFor(zoned, { eager: 'all', keepOriginal: true }).ingest(batch);
        expect(events.length + deadLetters.length + (blank['test'] ?? 0)).toBe(batch.count);
        expect(to).toBe(batch.count);
        const positions = events.map((event) => event.identity.position);
        expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
        for (const { reason, message, raw } of deadLetters) {
          expect(deadLetterReasons).toContain(reason);
          // eslint-disable-next-line no-control-regex
          expect(message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
          expect(Buffer.from(payload).includes(Buffer.from(raw))).toBe(true);
        }
        for (const event of events) expect(Number.isFinite(event.time)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same whichever way the log is cut into batches', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(samples, { minLength: 2 }), fc.nat(7), (lines, cut) => {
        const text = (some: readonly string[]): string => some.map((line) => `${line}\n`).join('');
        const place = { tag: 'abcdefghijkl', position: 0 };
        const ingest = ingestFor(zoned, { eager: 'all' });
        const whole = ingest.ingest(batchOf(text(lines), place));
        const head = lines.slice(0, cut);
        const first = ingest.ingest(batchOf(text(head), place));
        const rest = ingest.ingest(batchOf(text(lines.slice(cut)), { ...place, position: text(head).length, offset: head.length }));
        expect([...first.events, ...rest.events].map((event) => toDocument(event))).toEqual(whole.events.map((event) => toDocument(event)));
      }),
      { numRuns: 60 },
    );
  });

  it('continues in the middle of a batch as if it had read the whole', () => {
    const batch = batchOf(`${samples.join('\n')}\n`, { tag: 'abcdefghijkl', position: 7 });
    const whole = ingestFor(zoned).ingest(batch);
    const part = ingestFor(zoned).ingest(batch, 3);
    expect(part.from).toBe(3);
    expect(part.events.map(({ id }) => id)).toEqual(whole.events.slice(3).map(({ id }) => id));
  });

  it('names an event by its byte, also behind lines that are no ASCII or no UTF-8, with CRLF and without a last newline', () => {
    const odd = Buffer.concat([Buffer.from('ä\r\n\r\n'), Buffer.from([0xff, 0x00, 0x0a]), Buffer.from(good)]);
    const { events, deadLetters, blank } = ingestFor().ingest(batchOf(odd, { tag: 'abcdefghijkl', position: 100 }));
    expect(events.map((event) => event.identity.position)).toEqual([109]);
    expect(deadLetters.map(({ raw }) => Buffer.from(raw).toString('hex'))).toEqual(['c3a4', 'ff00']);
    expect(blank).toEqual({ test: 1 });
  });

  it('takes offset and log for the name where the batch has no place of its own', () => {
    const [one, two] = ingestFor().ingest(batchOf(`${good}\n${good}\n`, { offset: 40 })).events;
    expect(one!.id).toMatch(/^[a-z2-7]{12}-000000014$/);
    expect(two!.id).not.toBe(one!.id);
  });

  it('does not believe a time that lies too far after the arrival, and says so', () => {
    const line = good.replace('15/Jan/2026', '16/Jan/2026');
    const { events } = ingestFor().ingest(batchOf(line));
    expect(events[0]).toMatchObject({ time: arrival, stamp: Date.UTC(2026, 0, 16, 10, 5, 3) });
    expect(events[0]!.values[slot['event.reason']]).toBe('future_timestamp');
  });

  it('refuses a time without zone where the source has none', () => {
    const { deadLetters } = ingestFor().ingest(batchOf(samples[3]!));
    expect(deadLetters.map(({ reason }) => reason)).toEqual(['time_zone_unknown']);
  });

  it('makes a dead letter of a line of 100 MB without decoding it, and reads the lines around it', () => {
    const payload = Buffer.concat([Buffer.from(`${good}\n`), Buffer.alloc(100_000_000, 'x'), Buffer.from(`\n${good}\n`)]);
    const started = process.cpuUsage();
    const { events, deadLetters } = ingestFor().ingest(batchOf(payload, { count: 3 }));
    const { user, system } = process.cpuUsage(started);
    expect(events).toHaveLength(2);
    expect(deadLetters[0]).toMatchObject({ reason: 'too_long' });
    expect(deadLetters[0]!.raw.buffer).toBe(payload.buffer);
    expect((user + system) / 1e6).toBeLessThan(2);
  });

  it('drops what the sender sent twice and counts it', () => {
    const line = '{"@timestamp":"2026-01-15T10:05:03Z","event":{"id":"x"},"method":"GET"}\n';
    const { events, duplicates } = ingestFor({}, { dedupe: buildDedupe() }).ingest(batchOf(line + line));
    expect(events).toHaveLength(1);
    expect(events[0]!.id).toMatch(/^[\w-]{22}$/);
    expect(duplicates).toEqual([{ offset: 1, source: 'test' }]);
  });

  it('says so when a batch does not hold what it says', () => {
    expect(() => ingestFor().ingest(batchOf(good, { count: 2 }))).toThrow(/says 2 records and holds 1/);
  });

  it('computes a lazy field when it is asked for, and only then', () => {
    const ingest = ingestFor();
    const [event] = ingest.ingest(batchOf(good.replace('/a', '/users/42'))).events;
    expect(event!.values[slot['gatewatch.route']]).toBeUndefined();
    expect(ingest.resolve(event!, slot['gatewatch.route'])).toBe('/users/{id}');
    expect(ingest.resolve(event!, slot['gatewatch.principal'])).toBe('203.0.113.7');
    ingest.complete(event!);
    expect(event!.values[slot['gatewatch.url.decoded']]).toBe('/users/42');
  });

  it('shows a line for evidence without secrets and control characters', () => {
    const ingest = ingestFor();
    const [event] = ingest.ingest(batchOf(good.replace('/a', '/a?password=hunter2').replace('curl', '\u001b[31m<b>'))).events;
    expect(ingest.line(event!)).toContain('?password=<redacted> HTTP');
    expect(ingest.line(event!)).toContain('\\u001b[31m<b>');
  });

  it('gives the same as before for another batch, so nothing is remembered', () => {
    const ingest = ingestFor(zoned, { eager: 'all' });
    const first = outcome(ingest.ingest(batchOf(samples.join('\n'))));
    ingest.ingest(batchOf('{"x":\n[Thu\nnoise', { offset: 100 }));
    expect(outcome(ingest.ingest(batchOf(samples.join('\n'))))).toEqual(first);
  });
});
