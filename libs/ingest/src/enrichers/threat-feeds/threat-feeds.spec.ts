import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enriched, folderOf } from '../enrich-spec-kit.js';
import type { FeedConfig } from './config.js';
import type { FeedContent } from './feed-content.js';
import { readFeed } from './read-feed.js';
import { threatFeeds } from './threat-feeds.js';

const day = 86_400_000;
const changed = Date.UTC(2026, 0, 10);
const feed = (more: Partial<FeedConfig> = {}): FeedConfig => ({
  name: 'test',
  file: 'x',
  confidence: 'medium',
  expires: 30 * day,
  ...more,
});
const count = ({ groups }: FeedContent): number => groups.reduce((sum, { networks }) => sum + networks.size, 0);
const rows = (text: string, more?: Partial<FeedConfig>): number => count(readFeed(text, feed(more), changed));
const shared = new URL('../../../../../../shared/data/enrich/', import.meta.url);

describe('a feed', () => {
  it('may be plain, with comments, networks and ranges', () => {
    const text = '# a list\r\n; another\n203.0.113.7\n198.51.100.0/24 ; SBL1\n192.0.2.4-192.0.2.7\n2001:db8::/32\nnonsense\n\n';
    const content = readFeed(text, feed(), changed);
    expect([content.skipped, count(content)]).toEqual([1, 4]);
  });

  it('may be a CSV with the address anywhere, or in the column that is named', () => {
    expect(rows('first_seen,ip,port\n"2026-01-15 10:00:00","203.0.113.7",443\n2026-01-15,203.0.113.8,443\n')).toBe(2);
    expect(rows('src,dst\n203.0.113.7,203.0.113.8\n', { column: 'dst' })).toBe(1);
    expect(rows('203.0.113.7\t9\n', { column: 1 })).toBe(1);
    expect(() => rows('a,b\n1,2\n', { column: 'c' })).toThrow(/no column "c"/);
  });

  it('may be a STIX bundle, of which indicators count that one address can meet', () => {
    const indicator = (pattern: string, more: object = {}): object => ({ type: 'indicator', pattern, ...more });
    const objects = [
      indicator("[ipv4-addr:value = '203.0.113.7']", {
        confidence: 85,
        valid_from: '2026-01-01T00:00:00Z',
        valid_until: '2026-02-01T00:00:00Z',
      }),
      indicator("[ipv4-addr:value ISSUBSET '198.51.100.0/24' OR ipv6-addr:value = '2001:db8::7']"),
      indicator("[ipv4-addr:value = '203.0.113.8'] AND [file:name = 'x']"),
      indicator("[ipv4-addr:value = '203.0.113.9']", { revoked: true }),
      { type: 'malware' },
    ];
    const { groups, skipped } = readFeed(JSON.stringify({ type: 'bundle', objects }), feed(), changed);
    expect(groups.map(({ confidence, until, networks }) => [confidence, until, networks.size])).toEqual([
      ['high', Date.UTC(2026, 1, 1), 1],
      ['medium', changed + 30 * day, 2],
    ]);
    expect(skipped).toBe(2);
  });

  it('may be a bundle with several versions of an indicator, of which the latest counts, and with harmless ones', () => {
    const indicator = (last: number, more: object): object => ({
      type: 'indicator',
      pattern_type: 'stix',
      pattern: `[ipv4-addr:value = '203.0.113.${last}']`,
      ...more,
    });
    const objects = [
      indicator(1, { id: 'indicator--1', modified: '2026-01-03T00:00:00Z', revoked: true }),
      indicator(1, { id: 'indicator--1', modified: '2026-01-02T00:00:00Z' }),
      indicator(2, { id: 'indicator--2', modified: '2026-01-02T00:00:00Z' }),
      indicator(3, { id: 'indicator--2', modified: '2026-01-03T00:00:00Z' }),
      indicator(4, { indicator_types: ['benign'] }),
      indicator(5, { indicator_types: ['malicious-activity'] }),
      indicator(6, { pattern_type: 'sigma' }),
    ];
    const { groups, skipped } = readFeed(JSON.stringify({ type: 'bundle', objects }), feed(), changed);
    expect(groups.map(({ networks }) => networks.v4Words[0]! & 255)).toEqual([3, 5]);
    expect(skipped).toBe(3);
  });

  it('may name half a million IPv6 networks, of which each is found', () => {
    const name = (nth: number): string =>
      `2001:${(nth >> 16).toString(16)}:${(nth & 0xffff).toString(16)}:${((nth * 7) & 0xffff).toString(16)}::/64`;
    const files = folderOf({ a: Array.from({ length: 500_000 }, (_, nth) => name((nth * 48_271) % 500_009)).join('\n') });
    const enricher = threatFeeds([feed({ file: files.path('a') })], []);
    expect(enricher.bytes).toBe(500_000 * 44);
    for (const nth of [0, 1, 77_777, 500_008])
      expect(enriched(enricher, { 'source.ip': name(nth).replace('/64', '7') }, Date.now())('threat.indicator.provider')).toBe('test');
    expect(enriched(enricher, { 'source.ip': '2001:9:1:1::7' }, Date.now())('threat.indicator.provider')).toBeUndefined();
  });

  it('is read alike in place and row by row', () => {
    const listed = (text: string, more?: Partial<FeedConfig>): string =>
      readFeed(text, feed(more), changed)
        .groups.map(({ networks: { v4Words, v6Words } }) => `${v4Words.join()}/${v6Words.join()}`)
        .join();
    const cell = fc.constantFrom(
      '203.0.113.7',
      '198.51.100.0/24',
      '2001:db8::/32',
      '::ffff:192.0.2.1',
      '0.0.0.1',
      '10.0.0.0/7',
      'x',
      '',
      ' 192.0.2.9 ',
    );
    const row = fc.tuple(cell, fc.constantFrom(',', ';', '\t', '|'), cell).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 8 }), fc.constantFrom(undefined, 1, 2), (lines, column) => {
        // A quote at the end of each row keeps it from being read in place.
        const plain = ['a,b', '192.0.2.77,192.0.2.77', ...lines.map((line) => line.replace(/[;\t|]/, ','))];
        const slow = plain.map((line) =>
          line
            .split(',')
            .map((value) => `"${value}"`)
            .join(','),
        );
        const more = column === undefined ? {} : { column };
        expect(listed(plain.join('\n'), more)).toBe(listed(slow.join('\n'), more));
      }),
    );
  });

  it('with half the internet in it is not believed', () => {
    expect(() => rows('0.0.0.0/0\n128.0.0.0/1\n::/0\n')).toThrow(/no address/);
  });

  it.runIf(existsSync(shared))('of others is read', () => {
    const read = (name: string): string => readFileSync(new URL(name, shared), 'utf8');
    expect(rows(read('ipsum/4.txt'))).toBeGreaterThan(4000);
    expect(rows(read('ipsum/ipsum-head.txt'))).toBeGreaterThan(3000);
    expect(rows(read('stix/indicator-for-c2-ip-address.json'))).toBe(1);
  });
});

describe('the threat feed enricher', () => {
  it('finds the surest and narrowest entry that holds at the time of the event', () => {
    const files = folderOf({ a: '203.0.113.0/24\n198.51.100.7\n', b: '203.0.113.0/24\n' });
    const feeds = [
      feed({ name: 'a', file: files.path('a'), confidence: 'low' }),
      feed({ name: 'b', file: files.path('b'), confidence: 'high' }),
    ];
    const enricher = threatFeeds(feeds, ['203.0.113.9']);
    const now = Date.now();
    const of = enriched(enricher, { 'source.ip': '203.0.113.7' }, now);
    expect([of('threat.indicator.ip'), of('threat.indicator.provider'), of('threat.indicator.confidence')]).toEqual([
      '203.0.113.7',
      'b',
      'High',
    ]);
    expect(enriched(enricher, { 'source.ip': '198.51.100.7' }, now)('threat.indicator.provider')).toBe('a');
    expect(enriched(enricher, { 'source.ip': '203.0.113.9' }, now)('threat.indicator.provider')).toBeUndefined();
    expect(enriched(enricher, { 'source.ip': '203.0.113.7' }, now + 31 * day)('threat.indicator.provider')).toBeUndefined();
    expect(enriched(enricher, { 'source.ip': '8.8.8.8' }, now)('threat.indicator.provider')).toBeUndefined();
  });

  it('reads a file again when it has changed, and keeps what it had when that cannot be read', () => {
    const files = folderOf({ a: '203.0.113.7\n' });
    const enricher = threatFeeds([feed({ file: files.path('a') })], [], () => Date.now());
    const provider = (ip: string): unknown => enriched(enricher, { 'source.ip': ip }, Date.now())('threat.indicator.provider');
    expect([provider('203.0.113.7'), provider('203.0.113.88')]).toEqual(['test', undefined]);
    files.write('a', '203.0.113.88\n203.0.113.89\n');
    enricher.refresh!();
    expect([provider('203.0.113.7'), provider('203.0.113.88')]).toEqual([undefined, 'test']);
    expect(enricher.status!()).toEqual({ dataAgeDays: 0 });
    files.write('a', '{"no": "bundle"}');
    enricher.refresh!();
    expect(provider('203.0.113.88')).toBe('test');
    expect(enricher.status!().warning).toMatch(/stays in force.*STIX/);
  });

  it('says at the start which file cannot be read', () => {
    expect(() => threatFeeds([feed({ file: '/nowhere/feed.txt' })], [])).toThrow(/\/nowhere\/feed\.txt cannot be used/);
  });
});
