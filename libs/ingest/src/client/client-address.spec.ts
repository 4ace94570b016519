import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { Event } from '#ecs';
import { slot } from '#ecs';
import type { SourceSettings } from '../source.js';
import { batchOf, ingestFor } from '../spec-kit.js';

function read(line: string, settings: Partial<SourceSettings>): Event {
  const { events, deadLetters } = ingestFor(settings).ingest(batchOf(line));
  expect(deadLetters).toEqual([]);
  return events[0]!;
}
const sourceIp = (line: string, settings: Partial<SourceSettings>): unknown => read(line, settings).values[slot['source.ip']];

const main = (peer: string, forwarded: string): string =>
  `${peer} - - [15/Jan/2026:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8" "${forwarded}"`;
const json = (fields: Record<string, unknown>): string =>
  JSON.stringify({ time: '2026-01-15T10:05:03Z', method: 'GET', uri: '/', ...fields });
const behindOurs = { trustedProxies: ['private', '198.51.100.0/24'] };

describe('the client address behind trusted proxies', () => {
  it.each([
    ['a proxy of ours', main('10.0.0.1', '203.0.113.7'), '203.0.113.7'],
    ['two proxies of ours', main('10.0.0.1', '203.0.113.7, 198.51.100.4'), '203.0.113.7'],
    ['an entry that the caller wrote before', main('10.0.0.1', '1.1.1.1, 203.0.113.7'), '203.0.113.7'],
    ['a trusted address that the caller wrote before', main('10.0.0.1', '10.0.0.9, 203.0.113.7'), '203.0.113.7'],
    ['a direct call with a header of its own', main('203.0.113.7', '1.1.1.1'), '203.0.113.7'],
    ['a hop that is no address', main('10.0.0.1', '1.1.1.1, unknown'), '10.0.0.1'],
    ['a hop that is no address behind a trusted one', main('10.0.0.1', '1.1.1.1, x, 198.51.100.4'), '198.51.100.4'],
    ['trusted hops only', main('10.0.0.1', '10.1.1.1, 198.51.100.4'), '10.1.1.1'],
    ['an entry with a port', main('10.0.0.1', '203.0.113.7:5412'), '203.0.113.7'],
    ['an entry of IPv6 with a port', main('10.0.0.1', '[2001:db8::7]:5412'), '2001:db8::7'],
    ['an IPv4 address mapped into IPv6', main('10.0.0.1', '::ffff:203.0.113.7'), '203.0.113.7'],
    ['no header', main('10.0.0.1', '-'), '10.0.0.1'],
    ['an empty entry', main('10.0.0.1', '1.1.1.1, '), '10.0.0.1'],
  ])('finds the caller of %s', (_, line, expected) => {
    expect(sourceIp(line, behindOurs)).toBe(expected);
  });

  it('leaves the peer where nothing is configured', () => {
    const event = read(main('10.0.0.1', '203.0.113.7'), {});
    expect(event.values[slot['source.ip']]).toBe('10.0.0.1');
    expect(event.values[slot['client.ip']]).toBe('203.0.113.7');
  });

  it('does not show a claim as client that it does not believe', () => {
    expect(read(main('203.0.113.7', '1.1.1.1'), behindOurs).values[slot['client.ip']]).toBeUndefined();
  });

  it('takes a Unix socket for a local proxy', () => {
    expect(sourceIp(main('unix:', '203.0.113.7'), behindOurs)).toBe('203.0.113.7');
    expect(sourceIp(main('unix:', '203.0.113.7'), { trustedProxies: ['198.51.100.0/24'] })).toBeUndefined();
  });

  it('reads a list in the place of the client from its end', () => {
    const line = '1.1.1.1, 203.0.113.7, 10.0.0.1 - - [15/Jan/2026:10:05:03 +0000] "GET / HTTP/1.1" 200 5';
    expect(sourceIp(line, behindOurs)).toBe('203.0.113.7');
  });

  it('reads the headers of a log_format, of JSON and of IIS', () => {
    const logFormat = '$remote_addr [$time_iso8601] "$request" $status "$http_x_forwarded_for" "$http_cf_connecting_ip"';
    const format = { kind: 'nginx', logFormat } as const;
    const line = '10.0.0.1 [2026-01-15T10:05:03Z] "GET / HTTP/1.1" 200 "203.0.113.7" "203.0.113.9"';
    expect(sourceIp(line, { format, ...behindOurs })).toBe('203.0.113.7');
    expect(sourceIp(line, { format, ...behindOurs, clientAddress: 'cf-connecting-ip' })).toBe('203.0.113.9');
    const fields = {
      remote_addr: '10.0.0.1',
      http_x_forwarded_for: '1.1.1.1, 203.0.113.7',
      request: { headers: { 'True-Client-IP': '203.0.113.9' } },
    };
    expect(sourceIp(json({ ...fields, request: undefined }), behindOurs)).toBe('203.0.113.7');
    const nested = json({ remote_addr: '10.0.0.1', http: { request: { headers: { 'True-Client-IP': '203.0.113.9' } } } });
    expect(sourceIp(nested, { ...behindOurs, clientAddress: 'true-client-ip' })).toBe('203.0.113.9');
    const w3c = { kind: 'w3c', logFormat: 'date time c-ip cs-method cs-uri-stem sc-status cs(X-Forwarded-For)' } as const;
    expect(sourceIp('2026-01-15 10:05:03 10.0.0.1 GET / 200 1.1.1.1,+203.0.113.7', { format: w3c, timeZone: 'UTC', ...behindOurs })).toBe(
      '203.0.113.7',
    );
  });

  it('reads Forwarded as RFC 7239 writes it', () => {
    const settings = { ...behindOurs, clientAddress: 'forwarded' } as const;
    const of = (forwarded: string): unknown => sourceIp(json({ remote_addr: '10.0.0.1', headers: { Forwarded: forwarded } }), settings);
    expect(of('for=203.0.113.7;proto=https;by=10.0.0.2')).toBe('203.0.113.7');
    expect(of('for=1.1.1.1, for="203.0.113.7:4711"')).toBe('203.0.113.7');
    expect(of('For="[2001:db8::7]:4711"')).toBe('2001:db8::7');
    expect(of('for=203.0.113.7, for=10.0.0.8')).toBe('203.0.113.7');
    expect(of('for=1.1.1.1, for=_hidden')).toBe('10.0.0.1');
    expect(of('for=1.1.1.1, for=unknown')).toBe('10.0.0.1');
    expect(of('for=1.1.1.1, proto=http')).toBe('10.0.0.1');
    // A quote that the caller leaves open cannot swallow what the proxy appended.
    expect(of('for="1.1.1.1, for=203.0.113.7')).toBe('10.0.0.1');
  });

  it('does not look for headers where the caller chooses the keys', () => {
    const fields = {
      remote_addr: '10.0.0.1',
      request: { body: { 'x-forwarded-for': '1.1.1.1' } },
      query: { 'X-Forwarded-For': '1.1.1.1' },
    };
    expect(sourceIp(json({ ...fields, request: undefined }), behindOurs)).toBe('10.0.0.1');
    expect(sourceIp(json({ remote_addr: '10.0.0.1', http: { request: { body: { 'x-forwarded-for': '1.1.1.1' } } } }), behindOurs)).toBe(
      '10.0.0.1',
    );
  });

  it('takes no list for one address', () => {
    const line = json({ remote_addr: '10.0.0.1', headers: { 'X-Real-IP': '1.1.1.1, 203.0.113.7' } });
    expect(sourceIp(line, { ...behindOurs, clientAddress: 'x-real-ip' })).toBe('10.0.0.1');
  });

  it('gives the caller whatever he writes before the entry of the first proxy', () => {
    const piece = fc.constantFrom('1.1.1.1', '10.0.0.5', 'unknown', '"', ',', ' ', ';', 'for=', '[::1]:80', '198.51.100.4', '-', 'x');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const header = `${pieces.join('').replaceAll('"', '')}, 203.0.113.7, 198.51.100.4`;
        expect(sourceIp(json({ remote_addr: '10.0.0.1', x_forwarded_for: header }), behindOurs)).toBe('203.0.113.7');
      }),
    );
  });

  it('says which network cannot be read', () => {
    expect(() => ingestFor({ trustedProxies: ['10.0.0.0/99'] }).ingest(batchOf('x'))).toThrow(/10\.0\.0\.0\/99/);
  });
});
