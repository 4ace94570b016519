import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DnsServer } from '#testkit';
import { Service, until } from './gatewatch-process.js';
import { post } from './login-burst.js';

const dir = mkdtempSync(join(tmpdir(), 'gatewatch-bots-'));
const config = join(dir, 'gatewatch.yml');
const real = '66.249.66.1';
const fake = '8.8.4.4';
const dns = new DnsServer();
let service: Service;

interface Stored {
  readonly source: { readonly ip: string };
  readonly gatewatch: { readonly source: { readonly crawler_verdict?: string } };
}

interface Told {
  readonly rule: { readonly name: string };
}

beforeAll(async () => {
  await dns.listen();
  dns.set('PTR', '1.66.249.66.in-addr.arpa', ['crawl-66-249-66-1.googlebot.com']);
  dns.set('A', 'crawl-66-249-66-1.googlebot.com', [real]);
  const settings = {
    data_dir: join(dir, 'data'),
    ingest: { verified_bots: { answers: join(dir, 'crawlers.ndjson'), servers: [dns.address] } },
  };
  writeFileSync(config, JSON.stringify(settings));
  service = await Service.start(['--config', config]);
});

afterAll(async () => {
  await service.kill('SIGTERM');
  await dns.close();
  rmSync(dir, { recursive: true, force: true });
});

function lines(count: number): string {
  const [, day, month, year, clock] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date().toUTCString())!;
  const agent = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
  const call = (ip: string, at: number): string =>
    `${ip} - - [${day}/${month}/${year}:${clock} +0000] "GET /items/${at} HTTP/1.1" 200 12 "-" "${agent}"\n`;
  return Array.from({ length: count }, (_, at) => call(real, at) + call(fake, at)).join('');
}

it('tells a crawler from one that only says so, once name servers have answered, and a restart by force changes nothing of it', async () => {
  const keys = service.keys();
  await post(service, keys.write, lines(1));
  await until(
    async () => dns.questions.length,
    (count) => count >= 3,
  );
  const verdicts = async (): Promise<string[]> => {
    const events = await service.all<Stored>('/v1/events?limit=1000', keys.read);
    return events.map(({ source, gatewatch }) => `${source.ip} ${gatewatch.source.crawler_verdict}`).sort();
  };
  // The answer is in force a second after it came.
  await until(
    async () => {
      await post(service, keys.write, lines(1));
      return verdicts();
    },
    (all) => all.includes(`${real} verified`) && all.includes(`${fake} spoofed`),
  );
  await post(service, keys.write, lines(30));
  const signals = await until(
    () => service.all<Told>('/v1/signals?limit=100', keys.read),
    (all) => all.some(({ rule }) => rule.name === 'False crawler'),
  );
  expect(signals.filter(({ rule }) => rule.name === 'False crawler').length).toBe(1);
  const before = await verdicts();
  expect(before).toContain(`${real} unknown`);
  await service.kill('SIGKILL');
  service = await Service.start(['--config', config]);
  expect(await until(verdicts, (all) => all.length >= before.length)).toEqual(before);
});
