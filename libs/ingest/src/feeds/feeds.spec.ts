import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createTls } from 'node:https';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMetrics, silentLogger } from '#telemetry';
import { FakeClock, selfSigned, TaxiiServer } from '#testkit';
import { feedsConfig, type FeedConfig } from '../enrichers/threat-feeds/config.js';
import { threatFeeds } from '../enrichers/threat-feeds/threat-feeds.js';
import { enriched } from '../enrichers/enrich-spec-kit.js';
import { buildFeedPuller, type FeedPuller } from './feed-puller.js';

const minute = 60_000;
const hour = 60 * minute;
const start = Date.UTC(2026, 0, 15);

let folder: string;
let clock: FakeClock;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatewatch-feeds-'));
  clock = new FakeClock(start);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function feedOf(pull: object): FeedConfig {
  return feedsConfig.parse([{ name: 'cti', file: join(folder, 'feed'), pull: { insecure: true, ...pull } }])[0]!;
}

function pullerOf(feed: FeedConfig): FeedPuller & { render(): Promise<string> } {
  const metrics = createMetrics({ process: false });
  const puller = buildFeedPuller({ feeds: [feed], clock, logger: silentLogger, metrics });
  return { ...puller, render: () => metrics.render() };
}

const written = (): string => readFileSync(join(folder, 'feed'), 'utf8');
const state = (): Record<string, unknown> => JSON.parse(readFileSync(join(folder, 'feed.pull.json'), 'utf8')) as Record<string, unknown>;
const provider = (feed: FeedConfig, ip: string): unknown =>
  enriched(threatFeeds([feed], []), { 'source.ip': ip }, Date.now())('threat.indicator.provider');

describe('a collection of a TAXII 2.1 server', () => {
  let server: TaxiiServer;
  beforeEach(async () => {
    server = new TaxiiServer();
    await server.listen();
  });
  afterEach(() => server.close());

  const indicator = (nth: number, more: object = {}): Record<string, unknown> => ({
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--${nth}`,
    created: '2026-01-01T00:00:00.000Z',
    modified: '2026-01-01T00:00:00.000Z',
    valid_from: '2026-01-01T00:00:00Z',
    pattern_type: 'stix',
    pattern: `[ipv4-addr:value = '203.0.113.${nth}']`,
    ...more,
  });
  const added = (nth: number): string => `2026-01-0${nth}T00:00:00.000000Z`;
  const collection = (more: object = {}): FeedConfig => feedOf({ url: server.url, collection: '91a7b528', ...more });

  it.each([
    ['by next', true],
    ['by the time of the last object, where the server gives no next', false],
  ])('is read page by page, %s, into a bundle that the enricher reads', async (_, usesNext) => {
    server.usesNext = usesNext;
    for (let nth = 1; nth <= 5; nth++) server.add(added(nth), indicator(nth));
    server.add(added(6), { type: 'malware', id: 'malware--1' });
    const feed = collection();
    await pullerOf(feed).tick();
    expect(server.requests).toHaveLength(3);
    expect(server.requests[0]).toBe('/api1/collections/91a7b528/objects/?match[type]=indicator&limit=1000');
    for (let nth = 1; nth <= 5; nth++) expect(provider(feed, `203.0.113.${nth}`)).toBe('cti');
    expect(state()).toMatchObject({ added: added(5), at: start });
    expect(readdirSync(folder).sort()).toEqual(['feed', 'feed.pull.json']);
  });

  it('is asked afterwards for what was added, also after a restart', async () => {
    server.add(added(1), indicator(1));
    const feed = collection();
    await pullerOf(feed).tick();
    server.add(added(2), indicator(2));
    const puller = pullerOf(feed);
    await puller.tick();
    expect(server.requests, 'not before its time').toHaveLength(1);
    await clock.advance(hour);
    await puller.tick();
    expect(server.requests[1]).toBe(`/api1/collections/91a7b528/objects/?match[type]=indicator&limit=1000&added_after=${added(1)}`);
    expect([provider(feed, '203.0.113.1'), provider(feed, '203.0.113.2')]).toEqual(['cti', 'cti']);
    await clock.advance(hour);
    const before = written();
    await puller.tick();
    expect(written()).toBe(before);
    expect(await puller.render()).toMatch(/feed_pulls_total\{feed="cti",outcome="unchanged"\} 1/);
  });

  it('drops what is revoked, whatever older version comes after it, and keeps the latest version', async () => {
    server.add(added(1), indicator(1));
    server.add(added(2), indicator(2));
    const feed = collection();
    const puller = pullerOf(feed);
    await puller.tick();
    server.add(added(3), indicator(1, { modified: '2026-01-03T00:00:00.000Z', revoked: true }));
    server.add(added(4), indicator(1, { modified: '2026-01-02T00:00:00.000Z' }));
    server.add(added(5), indicator(2, { modified: '2026-01-03T00:00:00.000Z', pattern: "[ipv4-addr:value = '203.0.113.99']" }));
    await clock.advance(hour);
    await puller.tick();
    expect(['1', '2', '99'].map((last) => provider(feed, `203.0.113.${last}`))).toEqual([undefined, undefined, 'cti']);
  });

  it('leaves nothing but indicators of addresses', async () => {
    server.add(added(1), indicator(1, { description: 'x'.repeat(1000) }));
    server.add(added(2), indicator(2, { pattern: "[domain-name:value = 'example.org']" }));
    server.add(added(3), indicator(3, { pattern_type: 'snort', pattern: 'alert ipv4-addr:' }));
    await pullerOf(collection()).tick();
    const { objects } = JSON.parse(written()) as { objects: { id: string; description?: string }[] };
    expect(objects.map(({ id, description }) => [id, description])).toEqual([['indicator--1', undefined]]);
  });

  it('is asked with the password or token, which a refusal leaves alone until the next time', async () => {
    server.authorization = `Basic ${Buffer.from('alice:geheim').toString('base64')}`;
    server.add(added(1), indicator(1));
    const wrong = pullerOf(collection({ token: 'nothing' }));
    await wrong.tick();
    expect(wrong.status().warning).toBe('The feed "cti" was never pulled: it answers 401.');
    expect(await wrong.render()).toMatch(/outcome="auth"\} 1/);
    expect(existsSync(join(folder, 'feed'))).toBe(false);
    const feed = collection({ user: 'alice', password: 'geheim' });
    expect(provider(feed, '203.0.113.1'), 'without its file it says nothing').toBeUndefined();
    await pullerOf(feed).tick();
    expect(provider(feed, '203.0.113.1')).toBe('cti');
    server.authorization = 'Bearer abc';
    await clock.advance(hour);
    const bearer = pullerOf(collection({ token: 'abc' }));
    await bearer.tick();
    expect(bearer.status()).toEqual({});
  });

  it('is left alone for as long as Retry-After says, and twice as long after each failure', async () => {
    server.add(added(1), indicator(1));
    const refuse = (headers: Record<string, string>) => (_: unknown, response: ServerResponse) =>
      void response.writeHead(503, headers).end();
    server.instead.push(refuse({ 'retry-after': '300' }), refuse({}), refuse({}));
    const puller = pullerOf(collection());
    const asked = async (after: number): Promise<number> => {
      await clock.advance(after);
      await puller.tick();
      return server.requests.length;
    };
    expect(await asked(0)).toBe(1);
    expect(await asked(4.9 * minute)).toBe(1);
    expect(await asked(0.2 * minute)).toBe(2);
    expect(await asked(1.9 * minute)).toBe(2);
    expect(await asked(0.2 * minute)).toBe(3);
    expect(await asked(3.9 * minute)).toBe(3);
    expect(await asked(0.2 * minute)).toBe(4);
    expect(puller.status()).toEqual({});
    expect(await puller.render()).toMatch(/outcome="server_error"\} 3/);
  });

  it.each([
    ['no JSON', '<html>', /what is no JSON/],
    ['no envelope', '[]', /no envelope/],
    ['no list of objects', '{"objects": 7}', /no envelope of objects/],
    ['the same page for ever', '{"more": true, "objects": []}', /the same page again/],
  ])('that answers with %s leaves what is there in force', async (_, body, problem) => {
    server.add(added(1), indicator(1));
    const feed = collection();
    const puller = pullerOf(feed);
    await puller.tick();
    server.instead.push((__, response) => response.end(body));
    await clock.advance(3 * hour);
    await puller.tick();
    expect(puller.status().warning).toMatch(problem);
    expect(provider(feed, '203.0.113.1')).toBe('cti');
    await clock.advance(minute);
    await puller.tick();
    expect(puller.status()).toEqual({});
  });

  it('that breaks off in the middle has given what came until then', async () => {
    for (let nth = 1; nth <= 5; nth++) server.add(added(nth), indicator(nth));
    server.instead.push(undefined, (_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"objects": [');
      response.destroy();
    });
    const feed = collection();
    const puller = pullerOf(feed);
    await puller.tick();
    expect([provider(feed, '203.0.113.2'), provider(feed, '203.0.113.3')]).toEqual(['cti', undefined]);
    await clock.advance(minute);
    await puller.tick();
    expect(server.requests[2]).toContain(`added_after=${added(2)}`);
    expect(provider(feed, '203.0.113.5')).toBe('cti');
  });

  it('with more than max_size is refused', async () => {
    server.pageSize = 100;
    for (let nth = 1; nth <= 60; nth++) server.add(`2026-01-01T00:00:${String(nth - 1).padStart(2, '0')}Z`, indicator(nth));
    const puller = pullerOf(collection({ max_size: '4KiB' }));
    await puller.tick();
    expect(puller.status().warning).toMatch(/larger than max_size/);
    expect(existsSync(join(folder, 'feed'))).toBe(false);
  });

  it('is read anew when its file is gone, broken or of another collection', async () => {
    server.add(added(1), indicator(1));
    const feed = collection();
    await pullerOf(feed).tick();
    writeFileSync(join(folder, 'feed'), 'broken');
    await clock.advance(hour);
    await pullerOf(feed).tick();
    expect(provider(feed, '203.0.113.1')).toBe('cti');
    await pullerOf(collection({ url: server.url.replace('/api1/', '/api1') })).tick();
    expect(server.requests.filter((request) => !request.includes('added_after'))).toHaveLength(3);
  });
});

describe('a list that is pulled', () => {
  const servers: Server[] = [];
  afterEach(() => servers.splice(0).forEach((server) => server.close()));

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/list.txt`;
  }

  it('is asked for with ETag and Last-Modified, and not written when it is the same', async () => {
    const asked: unknown[] = [];
    const url = await serve((request, response) => {
      const { 'if-none-match': tag, 'if-modified-since': since } = request.headers;
      asked.push([tag, since]);
      if (tag === '"7"') return response.writeHead(304).end();
      const headers = { etag: '"7"', 'last-modified': 'Thu, 15 Jan 2026 00:00:00 GMT', 'content-encoding': 'gzip' };
      return response.writeHead(200, headers).end(gzipSync('203.0.113.7\n'));
    });
    const feed = feedOf({ url });
    const puller = pullerOf(feed);
    await puller.tick();
    expect(provider(feed, '203.0.113.7')).toBe('cti');
    const before = statSync(join(folder, 'feed'));
    await clock.advance(hour);
    await puller.tick();
    expect(asked).toEqual([
      [undefined, undefined],
      ['"7"', 'Thu, 15 Jan 2026 00:00:00 GMT'],
    ]);
    expect(statSync(join(folder, 'feed')).ino).toBe(before.ino);
  });

  it('goes on holding while it is published unchanged', async () => {
    const url = await serve((request, response) =>
      request.headers['if-none-match'] ? response.writeHead(304).end() : response.writeHead(200, { etag: '"1"' }).end('203.0.113.7\n'),
    );
    const puller = pullerOf(feedOf({ url }));
    await puller.tick();
    await clock.advance(Math.max(0, Date.now() - clock.now()) + 2 * 24 * hour);
    await puller.tick();
    expect(statSync(join(folder, 'feed')).mtimeMs).toBeCloseTo(clock.now(), -2);
  });

  it.each([
    ['a page of HTML', { 'content-type': 'text/html; charset=utf-8' }, '203.0.113.7'],
    ['no address', {}, 'Service unavailable\nplease come back\n'],
    ['nothing', {}, ''],
  ])('that answers with %s leaves what is there in force', async (_, headers, body) => {
    let answer = '203.0.113.7\n';
    const url = await serve((__, response) => response.writeHead(200, answer === body ? headers : {}).end(answer));
    const feed = feedOf({ url });
    const puller = pullerOf(feed);
    await puller.tick();
    answer = body;
    await clock.advance(3 * hour);
    await puller.tick();
    expect(written()).toBe('203.0.113.7\n');
    expect(puller.status().warning).toMatch(/was last pulled 2026-01-15T00:00:00.000Z: it/);
  });

  it('is not read beyond max_size, whatever it is packed to', async () => {
    const url = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('203.0.113.7\n'.repeat(100_000))),
    );
    const puller = pullerOf(feedOf({ url, max_size: '10KiB' }));
    await puller.tick();
    expect(puller.status().warning).toMatch(/larger than max_size \(10240 bytes\)/);
  });

  it('tells a password to its own host only, and follows no redirect without end', async () => {
    const seen: unknown[] = [];
    const other = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end('203.0.113.7\n');
    });
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(302, { location: other }).end();
    });
    await pullerOf(feedOf({ url, token: 'abc' })).tick();
    expect(seen).toEqual(['Bearer abc', undefined]);
    rmSync(join(folder, 'feed'));
    const loop = await serve((_, response) => response.writeHead(302, { location: '/list.txt' }).end());
    const puller = pullerOf(feedOf({ url: loop }));
    await puller.tick();
    expect(puller.status().warning).toMatch(/redirects more than 5 times/);
  });

  it('comes over TLS with a certificate that is trusted, or not at all', async () => {
    const server = createTls(selfSigned, (_, response) => response.end('203.0.113.7\n'));
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const puller = pullerOf(feedOf({ url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`, insecure: false }));
    await puller.tick();
    expect(puller.status().warning).toMatch(/cannot be reached/);
    expect(await puller.render()).toMatch(/outcome="network"\} 1/);
  });

  it('that hangs is given up when the service ends', async () => {
    const made: FeedPuller[] = [];
    const url = await serve(() => made[0]?.close());
    const puller = pullerOf(feedOf({ url }));
    made.push(puller);
    await puller.tick();
    expect(puller.status()).toEqual({});
  });
});

describe('the settings of a pull', () => {
  const problem = (pull: object): string | undefined =>
    feedsConfig
      .safeParse([{ name: 'a', file: 'b', pull }])
      .error?.issues.map(({ message }) => message)
      .join();

  it('want TLS and one way to show who asks', () => {
    expect(problem({ url: 'https://example.org/x' })).toBeUndefined();
    expect(problem({ url: 'http://example.org/x' })).toMatch(/https/);
    expect(problem({ url: 'http://example.org/x', insecure: true })).toBeUndefined();
    expect(problem({ url: 'https://example.org/x', token: 'a', user: 'b', password: 'c' })).toMatch(/either a token/);
    expect(problem({ url: 'https://example.org/x', user: 'b' })).toMatch(/together/);
  });
});
