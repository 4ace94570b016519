import { appendFileSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Event, slot } from '#ecs';
import { createMetrics, silentLogger } from '#telemetry';
import { DnsServer } from '#testkit';
import { folderOf } from '../enrich-spec-kit.js';
import { buildBotCheck, type BotCheck } from './bot-check.js';
import { verifiedBotsConfig } from './config.js';
import { claimedCrawler, crawlersOf, shippedCrawlers } from './crawlers.js';
import { VerifiedBots } from './verified-bots.js';

const googlebot = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
const start = Date.UTC(2026, 0, 15);
let now = start;
let dns: DnsServer;

beforeEach(async () => {
  now = start;
  dns = new DnsServer();
  await dns.listen();
  name('66.249.66.1', 'crawl-66-249-66-1.googlebot.com', '66.249.66.1');
});
afterEach(() => dns.close());

function name(ip: string, ptr: string, address: string): void {
  dns.set('PTR', `${ip.split('.').reverse().join('.')}.in-addr.arpa`, [ptr]);
  dns.set('A', ptr, [address]);
}

function setting(more: object = {}, file = folderOf({}).path('bots.ndjson')) {
  const config = verifiedBotsConfig.parse({ answers: file, servers: [dns.address], timeout: '200ms', ...more })!;
  const bots = new VerifiedBots(config);
  const metrics = createMetrics({ process: false });
  const check = buildBotCheck({ enrichers: [bots], config, clock: { now: () => now }, logger: silentLogger, metrics });
  return { config, file, bots, check, metrics };
}

function verdict(bots: VerifiedBots, ip: string, agent = googlebot, arrival = now): unknown {
  const event = new Event(0, arrival, 'test', { tag: 'abcdefghijkl', position: 0 });
  event.values[slot['source.ip']] = ip;
  event.values[slot['user_agent.original']] = agent;
  // As ingest calls it: taken out of the object.
  const { enrich } = bots;
  enrich(event);
  return event.values[slot['gatewatch.source.crawler_verdict']];
}

async function asked(bots: VerifiedBots, check: BotCheck, ip: string, agent = googlebot): Promise<unknown> {
  verdict(bots, ip, agent);
  await check.tick();
  now += 2000;
  return verdict(bots, ip, agent);
}

describe('a claim to be a crawler', () => {
  it('is verified when the name of the address is the crawler’s and has that address', async () => {
    const { bots, check } = setting();
    expect(verdict(bots, '66.249.66.1')).toBe('unknown');
    expect(await asked(bots, check, '66.249.66.1')).toBe('verified');
    expect(dns.questions).toEqual(['PTR 1.66.249.66.in-addr.arpa', 'A crawl-66-249-66-1.googlebot.com']);
  });

  it('is verified over IPv6', async () => {
    const ip = '2001:4860:4801:10::1';
    dns.set('PTR', '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.1.0.8.4.0.6.8.4.1.0.0.2.ip6.arpa', ['crawl-6.googlebot.com']);
    dns.set('AAAA', 'crawl-6.googlebot.com', [ip]);
    const { bots, check } = setting();
    expect(await asked(bots, check, ip)).toBe('verified');
  });

  it.each([
    ['without a name', '8.8.8.8', undefined, ''],
    ['with the name of somebody else', '8.8.4.4', 'host.example.org', '8.8.4.4'],
    ['with a name that only looks like it', '8.8.4.4', 'crawl.evilgooglebot.com', '8.8.4.4'],
    ['with a name under another domain', '8.8.4.4', 'crawl.googlebot.com.example.org', '8.8.4.4'],
    ['with the name of a machine for rent', '8.8.4.4', '4.4.8.8.bc.googleusercontent.com', '8.8.4.4'],
    ['with a name that has another address', '8.8.4.4', 'crawl-66-249-66-1.googlebot.com', '66.249.66.1'],
  ])('%s is spoofed', async (_, ip, ptr, address) => {
    if (ptr !== undefined) name(ip, ptr, address);
    const { bots, check } = setting();
    expect(await asked(bots, check, ip)).toBe('spoofed');
  });

  it('stays unknown where name servers fail or are silent, and is not asked again at once', async () => {
    const { bots, check, metrics } = setting();
    dns.set('PTR', '8.8.8.8.in-addr.arpa', 'servfail');
    dns.set('PTR', '4.4.8.8.in-addr.arpa', 'silent');
    expect(await asked(bots, check, '8.8.8.8')).toBe('unknown');
    expect(await asked(bots, check, '8.8.4.4')).toBe('unknown');
    const before = dns.questions.length;
    expect(await asked(bots, check, '8.8.8.8')).toBe('unknown');
    expect(dns.questions.length).toBe(before);
    dns.set('PTR', '8.8.8.8.in-addr.arpa', ['crawl.googlebot.com']);
    dns.set('A', 'crawl.googlebot.com', ['8.8.8.8']);
    now += 600_000;
    expect(await asked(bots, check, '8.8.8.8')).toBe('verified');
    expect(await metrics.render()).toContain('ingest_bot_checks_total{outcome="unanswered"} 2');
  });

  it('of an address inside is nobody’s to look up', async () => {
    const { bots, check } = setting();
    expect(await asked(bots, check, '10.0.0.7')).toBe('unknown');
    expect(dns.questions).toEqual([]);
  });

  it('is asked once for many calls, and holds for its time', async () => {
    const { bots, check } = setting({ keep: '1h' });
    for (let i = 0; i < 50; i++) verdict(bots, '66.249.66.1');
    expect(await asked(bots, check, '66.249.66.1')).toBe('verified');
    expect(await asked(bots, check, '66.249.66.1')).toBe('verified');
    expect(dns.questions.length).toBe(2);
    // In the last quarter it is asked again, so that it never becomes unknown in between.
    now += 50 * 60_000;
    expect(await asked(bots, check, '66.249.66.1')).toBe('verified');
    expect(dns.questions.length).toBe(4);
    now += 20 * 60_000;
    expect(verdict(bots, '66.249.66.1')).toBe('verified');
    now += 60 * 60_000;
    expect(verdict(bots, '66.249.66.1')).toBe('unknown');
  });
});

describe('an answer', () => {
  it('never changes what a record finds that arrived before it, whenever that is read', async () => {
    const { bots, check, config } = setting({ keep: '1h', keep_spoofed: '1h' });
    const arrivals: [number, unknown][] = [];
    const read = (): void => void arrivals.push([now, verdict(bots, '66.249.66.1')]);
    for (let turn = 0; turn < 40; turn++) {
      if (turn === 20) dns.set('PTR', '1.66.249.66.in-addr.arpa', 'nxdomain');
      read();
      await check.tick();
      read();
      now += 5 * 60_000;
    }
    expect(new Set(arrivals.map(([, found]) => found))).toEqual(new Set(['unknown', 'verified', 'spoofed']));
    // As after SIGKILL: only the file is there, and in it everything that was learned afterwards.
    const again = new VerifiedBots(config);
    for (const each of [bots, again])
      expect(arrivals.map(([arrival]) => [arrival, verdict(each, '66.249.66.1', googlebot, arrival)])).toEqual(arrivals);
  });

  it('that was torn by a crash is left out, and those behind it are read', async () => {
    const { bots, check, file } = setting();
    await asked(bots, check, '66.249.66.1');
    appendFileSync(file, '{"ip":"8.8.8.8","crawler":"googlebot","ver');
    const next = setting({}, file);
    expect(verdict(next.bots, '66.249.66.1')).toBe('verified');
    expect(verdict(next.bots, '8.8.8.8')).toBe('unknown');
    expect(await asked(next.bots, next.check, '8.8.8.8')).toBe('spoofed');
    expect(verdict(setting({}, file).bots, '8.8.8.8')).toBe('spoofed');
  });

  it('is forgotten a day after it ended, in the file too', async () => {
    const { bots, check } = setting({ keep_spoofed: '1m' });
    await asked(bots, check, '8.8.8.8');
    expect(bots.answers?.size).toBe(1);
    now += 86_400_000 + 120_000;
    await check.tick();
    expect(bots.answers?.size).toBe(0);
  });

  it('has no room when there are too many, of which a quarter is for real crawlers', async () => {
    const { bots, check, file, metrics } = setting({ max_addresses: 4 });
    for (let i = 1; i <= 10; i++) verdict(bots, `198.18.${i}.1`.replace('198.18', '8.9'));
    await check.tick();
    expect([bots.answers?.size, bots.answers?.spoofed]).toEqual([3, 3]);
    expect(await asked(bots, check, '66.249.66.1')).toBe('verified');
    expect(readFileSync(file, 'utf8').trim().split('\n').length).toBe(4);
    expect(await metrics.render()).toContain('ingest_bot_claims_refused_total{reason="full"} 7');
  });

  it('waits for a bounded number of claims only', async () => {
    const { bots, check, metrics } = setting();
    for (let i = 0; i < 3000; i++) verdict(bots, `8.${i >> 8}.${i & 255}.1`);
    await check.tick();
    expect(await metrics.render()).toContain('ingest_bot_claims_refused_total{reason="waiting"} 2800');
    expect(dns.questions.length).toBe(200);
  });

  it('that cannot be written is not in force', async () => {
    const { bots, check } = setting({}, '/dev/null/bots.ndjson');
    expect(await asked(bots, check, '66.249.66.1')).toBe('unknown');
  });
});

describe('a crawler', () => {
  it('may be verified by its published networks, and without domains by these alone', () => {
    const google = JSON.stringify({ creationTime: 'x', prefixes: [{ ipv4Prefix: '20.15.240.64/28' }, { ipv6Prefix: '2a01::/64' }] });
    const files = folderOf({ 'gptbot.json': google, 'own.txt': '# ours\n203.0.113.0/24\n', 'bad.txt': 'nonsense\n' });
    const crawlers = [
      { name: 'gptbot', ranges: files.path('gptbot.json') },
      { name: 'partner', claims: ['Partner-Crawler'], ranges: files.path('own.txt') },
    ];
    const { bots } = setting({ crawlers });
    const gpt = 'Mozilla/5.0; compatible; GPTBot/1.2; +https://openai.com/gptbot';
    expect(['20.15.240.70', '2a01::7', '8.8.8.8'].map((ip) => verdict(bots, ip, gpt))).toEqual(['verified', 'verified', 'spoofed']);
    expect(verdict(bots, '203.0.113.9', 'partner-crawler/1.0')).toBe('verified');
    expect(bots.version()).toMatch(/^gptbot [0-9a-f]{12}, partner [0-9a-f]{12}$/);
    expect(() => setting({ crawlers: [{ name: 'x-bot', ranges: files.path('bad.txt') }] })).toThrow(/expected networks/);
  });

  it('without domains and networks is unknown, and other agents have no verdict', () => {
    const { bots } = setting();
    expect(verdict(bots, '8.8.8.8', 'DuckDuckBot/1.1')).toBe('unknown');
    expect(verdict(bots, '8.8.8.8', 'Mozilla/5.0 (X11; Linux x86_64) Firefox/133.0')).toBeUndefined();
  });

  it('of the settings replaces the shipped one of its name, and adds what it does not say', () => {
    const crawlers = crawlersOf([{ name: 'bingbot', claims: [], domains: ['example.net'] }]);
    expect(crawlers.length).toBe(shippedCrawlers.length);
    expect(claimedCrawler('Mozilla/5.0 BingBot/2.0', crawlers)).toMatchObject({ name: 'bingbot', domains: ['example.net'] });
  });
});
