import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startHttpReceiver, type HttpReceiver } from '#testkit';
import { gatewatch, Service, until } from './gatewatch-process.js';
import { accessLine, burstRule, post } from './login-burst.js';

const dir = mkdtempSync(join(tmpdir(), 'gatewatch-pseudonyms-'));
const config = join(dir, 'gatewatch.yml');
const address = '203.0.113.66';
const user = 'maria.kowalska@example.org';
const now = Math.floor(Date.now() / 1000) * 1000;
let hook: HttpReceiver;
let service: Service;

interface Stored {
  readonly source: { readonly ip: string };
  readonly user?: { readonly name: string };
}

beforeAll(async () => {
  hook = await startHttpReceiver();
  mkdirSync(join(dir, 'rules'));
  writeFileSync(join(dir, 'rules/burst.yml'), burstRule);
  writeFileSync(join(dir, 'key'), '0123456789abcdef0123456789abcdef');
  const settings = {
    data_dir: join(dir, 'data'),
    ingest: { redact: { pseudonyms: { users: true, addresses: true, key_file: join(dir, 'key') } } },
    detection: { shipped: false, rules: [join(dir, 'rules')] },
    alerting: {
      receivers: [
        {
          name: 'oncall',
          channels: [
            {
              type: 'webhook',
              url: `${hook.url}/hook`,
              secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
              allow_private: true,
            },
          ],
        },
      ],
    },
  };
  writeFileSync(config, JSON.stringify(settings));
  service = await Service.start(['--config', config]);
});

afterAll(async () => {
  await service.kill('SIGTERM');
  await hook.close();
  rmSync(dir, { recursive: true, force: true });
});

it('stores and tells who it was under pseudonyms alone, and reveals them with a reason, which is recorded', async () => {
  const keys = service.keys();
  const count = 40;
  const lines = Array.from({ length: count }, (_, at) =>
    accessLine(now - 60_000 + at * 1000, { ip: address, user, request: 'POST /login', status: 401 }),
  );
  await post(service, keys.write, lines.join(''));
  const events = await until(
    () => service.all<Stored>('/v1/events?limit=1000', keys.read),
    (found) => found.length === count,
  );
  await until(
    async () => hook.received.length,
    (told) => told > 0,
  );
  const seen = JSON.stringify([events, await service.all('/v1/signals?limit=100', keys.read), hook.received]);
  expect(seen).not.toContain(address);
  expect(seen).not.toContain('kowalska');
  // One person and one address have one pseudonym each, or nothing could be counted.
  const names = [...new Set(events.map((event) => event.user?.name))];
  const addresses = [...new Set(events.map((event) => event.source.ip))];
  expect([names.length, addresses.length]).toEqual([1, 1]);

  const reveal = (pseudonym: string, ...more: string[]): ReturnType<typeof gatewatch> =>
    gatewatch(['reveal', pseudonym, '--config', config, ...more]);
  expect((await reveal(names[0]!)).code).not.toBe(0);
  expect((await reveal(names[0]!, '--reason', 'ticket 4711')).stdout).toContain(user);
  expect((await reveal(addresses[0]!, '--reason', 'ticket 4711')).stdout).toContain(address);
  expect(readFileSync(join(dir, 'data/reveals.ndjson'), 'utf8')).toContain('ticket 4711');
});
