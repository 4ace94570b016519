import { describe, expect, it } from 'vitest';
import { toDocument } from '#ecs';
import { compileLogFormat } from '../formats/formats.js';
import { batchOf, ingestFor } from '../spec-kit.js';

function read(kind: 'nginx' | 'apache', logFormat: string, line: string): unknown {
  const { events, deadLetters } = ingestFor({ format: { kind, logFormat } }).ingest(batchOf(line));
  return events[0] ? toDocument(events[0]) : deadLetters[0]!.message;
}

describe('a configured log format', () => {
  it('reads nginx variables, also lists of several upstreams', () => {
    const format =
      '$remote_addr|$time_iso8601|"$request"|$status|${body_bytes_sent}|$request_time|$upstream_addr $upstream_status|"$http_user_agent"|$host|$ssl_protocol';
    const line =
      '203.0.113.7|2026-01-15T10:05:03+00:00|"GET /a?x=1 HTTP/1.1"|502|12|0.250|10.0.0.1:80, 10.0.0.2:80 502, 200|"a \\"b\\""|h.example|TLSv1.3';
    expect(read('nginx', format, line)).toMatchObject({
      '@timestamp': '2026-01-15T10:05:03.000Z',
      event: { duration: 250_000_000, outcome: 'failure', dataset: 'nginx.access' },
      source: { ip: '203.0.113.7' },
      url: { path: '/a', query: 'x=1', domain: 'h.example' },
      user_agent: { original: 'a "b"' },
      gatewatch: { upstream: { address: '10.0.0.1:80, 10.0.0.2:80', status_code: 200 } },
      tls: { version: 'TLSv1.3' },
    });
  });

  it('puts a request together from its parts', () => {
    const format = '$msec $remote_addr $request_method $uri $args $status';
    expect(read('nginx', format, '1768471506.500 203.0.113.7 POST /login a=1&token=abcdef 401')).toMatchObject({
      '@timestamp': '2026-01-15T10:05:06.500Z',
      event: { action: 'authn_login_fail' },
      url: { original: '/login?a=1&token=<redacted>', path: '/login', query: 'a=1&token=<redacted>' },
    });
  });

  it('reads Apache directives as the configuration file has them', () => {
    const format = '%v:%p %h %l %u %t \\"%r\\" %>s %O \\"%{Referer}i\\" \\"%{User-Agent}i\\" %D %{ms}T';
    expect(
      read('apache', format, 'h.example:443 203.0.113.7 - bob [15/Jan/2026:10:05:03 +0100] "GET /a HTTP/1.1" 200 99 "-" "curl" 1500 1'),
    ).toMatchObject({
      '@timestamp': '2026-01-15T09:05:03.000Z',
      event: { duration: 1_000_000, dataset: 'apache.access' },
      user: { name: 'bob' },
      http: { response: { bytes: 99 } },
      destination: { port: 443, domain: 'h.example' },
    });
  });

  it('reads a format that writes JSON as JSON', () => {
    expect(read('nginx', '{"time":"$time_iso8601"}', '{"time":"2026-01-15T10:05:03Z","status":"200"}')).toMatchObject({
      http: { response: { status_code: 200 } },
    });
  });

  it('says where a line leaves the format', () => {
    expect(read('nginx', '$remote_addr [$time_local] $status', '203.0.113.7 15/Jan/2026')).toBe(
      'Source "test", record 0: Expected " [" after $remote_addr at character 1, as the configured log format asks, found "203.0.113.7 15/Jan/2026".',
    );
  });

  it.each([
    ['nginx', '$remote_addr$status $time_local', '$remote_addr and $status have nothing between them, so their ends cannot be told'],
    ['nginx', '$remote_addr $status', 'it has no time: add $time_local, $time_iso8601 or $msec (Apache: %t)'],
    ['apache', 'nothing', 'it has no variable'],
  ] as const)('refuses for %s what cannot be read: %s', (kind, text, problem) => {
    expect(compileLogFormat(kind, text)).toEqual({ ok: false, problem });
  });
});
