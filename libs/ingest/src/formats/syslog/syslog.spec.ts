import { describe, expect, it } from 'vitest';
import { slot } from '#ecs';
import { batchOf, ingestFor } from '../../spec-kit.js';

const nginx = '203.0.113.7 - - [15/Jan/2026:10:05:02 +0000] "GET /orders/7 HTTP/1.1" 200 512 "-" "curl/8.5.0"';

describe('a syslog frame', () => {
  it('is taken off before a declared format reads the line, which may also come bare', () => {
    const { events, deadLetters } = ingestFor({ format: 'nginx', timeZone: 'UTC' }).ingest(
      batchOf(`<190>Jan 15 10:05:03 web1 nginx: ${nginx}\n${nginx}\n<190>1 2026-01-15T10:05:03Z web1 nginx - - - ${nginx}\n`),
    );
    expect(deadLetters).toEqual([]);
    expect(events.map(({ values }) => [values[slot['event.dataset']], values[slot['source.ip']], values[slot['host.name']]])).toEqual([
      ['nginx.access', '203.0.113.7', 'web1'],
      ['nginx.access', '203.0.113.7', undefined],
      ['nginx.access', '203.0.113.7', 'web1'],
    ]);
    expect(new Set(events.map(({ time }) => time))).toEqual(new Set([Date.UTC(2026, 0, 15, 10, 5, 2)]));
  });

  it('around a line of another format than the declared one makes a dead letter', () => {
    const { deadLetters } = ingestFor({ format: 'haproxy', timeZone: 'UTC' }).ingest(
      batchOf(`<190>Jan 15 10:05:03 web1 nginx: ${nginx}\n`),
    );
    expect(deadLetters.map(({ reason }) => reason)).toEqual(['line_shape']);
  });

  it('lends its time to a line whose own names no zone, where the source knows none', () => {
    const { events } = ingestFor({ format: 'auto' }).ingest(
      batchOf(
        '<134>1 2026-01-15T10:05:04Z lb1 haproxy 7 - - 203.0.113.7:33317 [15/Jan/2026:11:05:04.655] f b/s 1/0/0/0/1 200 27 - - ---- 1/1/1/1/0 0/0 "GET / HTTP/1.1"\n',
      ),
    );
    expect(events[0]?.time).toBe(Date.UTC(2026, 0, 15, 10, 5, 4));
  });

  it('of sshd is not looked into, whatever a user is called', () => {
    const { events } = ingestFor({ format: 'auto', timeZone: 'UTC' }).ingest(
      batchOf(`<38>Jan 15 10:05:03 web1 sshd[7]: Failed password for invalid user ${nginx} from 198.51.100.9 port 50102 ssh2\n`),
    );
    expect([events[0]?.values[slot['event.action']], events[0]?.values[slot['source.ip']]]).toEqual(['authn_login_fail', '198.51.100.9']);
  });
});
