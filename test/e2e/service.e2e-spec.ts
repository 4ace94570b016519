import { mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHttpReceiver, startSmtpReceiver, type HttpReceiver, type SmtpReceiver } from '#testkit';
import { gatewatch, Service, until, type Keys } from './gatewatch-process.js';
import { accessLine, burstRule, pathRule, post, refusedLogins, settled } from './login-burst.js';

interface Signal {
  readonly event: { readonly id: string };
  readonly rule: { readonly name: string };
  readonly gatewatch: { readonly signal: { readonly status: string; readonly count: number; readonly group: Record<string, string> } };
}
interface Notice {
  readonly id: string;
  readonly occasion: string;
  readonly channel: string;
  readonly state: string;
  readonly attempts: readonly { readonly number: number; readonly outcome: string }[];
}
interface Page<T> {
  readonly data: readonly T[];
  readonly next_cursor: string | null;
}

const minute = 60_000;
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const dir = mkdtempSync(join(tmpdir(), 'gatewatch-service-'));
const rules = join(dir, 'rules');
// A whole second, so that what is asked for by time is what was written.
const now = Math.floor(Date.now() / 1000) * 1000;

function configure(name: string, channels: string): string[] {
  const file = join(dir, `${name}.yml`);
  writeFileSync(
    file,
    `data_dir: ${join(dir, name)}\ndetection: { shipped: false, rules: [${rules}] }\nalerting:\n  receivers: [{ name: oncall, channels: [${channels}] }]\n`,
  );
  return ['--config', file];
}
const email = (port: number): string =>
  `{ type: email, to: [soc@example.org], from: gatewatch@example.org, smtp: { host: 127.0.0.1, port: ${port}, security: none } }`;
const webhook = (url: string): string => `{ type: webhook, url: "${url}/hook", secret: ${secret}, allow_private: true }`;

const signals = (service: Service, keys: Keys, name: string): Promise<Signal[]> =>
  service.all<Signal>('/v1/signals?limit=100', keys.read).then((all) => all.filter(({ rule }) => rule.name === name));
const notices = (service: Service, keys: Keys): Promise<readonly Notice[]> =>
  service.get<Page<Notice>>('/v1/notifications?limit=100', keys.read).then(({ data }) => data);

beforeAll(() => {
  mkdirSync(rules);
  writeFileSync(join(rules, 'burst.yml'), burstRule);
});

describe('a service with two receivers', () => {
  let smtp: SmtpReceiver;
  let hook: HttpReceiver;
  let service: Service;
  let keys: Keys;
  let args: string[];
  let received = 0;
  const send = async (text: string): Promise<void> => {
    expect((await post(service, keys.write, text)).status).toBe(202);
    received += text.split('\n').length - 1;
  };

  beforeAll(async () => {
    [smtp, hook] = await Promise.all([startSmtpReceiver(), startHttpReceiver()]);
    args = configure('told', `${email(smtp.port)}, ${webhook(hook.url)}`);
    service = await Service.start(args);
    keys = service.keys();
  });
  afterAll(async () => {
    await service.kill('SIGTERM');
    await Promise.all([smtp.close(), hook.close()]);
  });

  it('takes plain lines, NDJSON, a JSON array and gzip, and says how many it accepted', async () => {
    const event = (path: string, status: number): string =>
      `{"@timestamp":"${new Date(now - 50 * minute).toISOString()}","http.request.method":"GET","http.response.status_code":${status},"url.path":"${path}","source.ip":"198.51.100.4"}`;
    const plain = accessLine(now - 50 * minute, { ip: '198.51.100.1', request: 'GET /plain' });
    const json = { 'content-type': 'application/json' };
    const answers = [
      await post(service, keys.write, plain),
      await post(service, keys.write, `${event('/nd', 200)}\n${event('/nd', 500)}\n`, {
        headers: { 'content-type': 'application/x-ndjson' },
      }),
      await post(service, keys.write, `[${event('/array', 200)},\n${event('/array', 404)}]`, { headers: json }),
      await post(service, keys.write, plain + 'what is this\n', { gzip: true }),
    ];
    expect(answers.map(({ status, body }) => [status, body['accepted']])).toEqual([
      [202, 1],
      [202, 2],
      [202, 2],
      [202, 2],
    ]);
    received = 7;
    expect(await settled(service, keys, received)).toMatchObject({ stored: 6, deadLettered: 1 });
  });

  it('keeps the write door and the read door apart', async () => {
    const status = (path: string, key?: string, init: RequestInit = {}): Promise<number> =>
      fetch(service.url + path, { ...init, headers: key ? { authorization: `Bearer ${key}` } : {} }).then(({ status }) => status);
    const write = { method: 'POST', body: 'x\n' };
    expect(
      await Promise.all([
        status('/v1/events', keys.write),
        status('/v1/logs', keys.read, write),
        status('/v1/events'),
        status('/v1/logs', undefined, write),
        status('/v1/events', 'gw_wrong'),
        status('/metrics', keys.write),
      ]),
    ).toEqual([403, 403, 401, 401, 401, 403]);
  });

  it('answers questions about events and dead letters by field, time and page', async () => {
    const events = (query: string): Promise<Page<{ event: { id: string } }>> => service.get(`/v1/events?${query}`, keys.read);
    expect((await events('url.path=/nd')).data).toHaveLength(2);
    expect((await events('url.path=/nd&http.response.status_code=500')).data).toHaveLength(1);
    expect((await events('source.ip=198.51.100.0/29')).data).toHaveLength(6);
    expect((await events(`from=${now - 51 * minute}&to=${now - 49 * minute}`)).data).toHaveLength(6);
    expect((await events('from=-10m')).data).toHaveLength(0);
    const first = await events('limit=4');
    const second = await events(`limit=4&cursor=${encodeURIComponent(first.next_cursor!)}`);
    expect([first.data.length, second.data.length, second.next_cursor]).toEqual([4, 2, null]);
    expect(new Set([...first.data, ...second.data].map(({ event }) => event.id)).size).toBe(6);
    const dead = await service.get<Page<object>>('/v1/dead-letters?reason=format_unknown', keys.read);
    expect(dead.data).toMatchObject([{ gatewatch: { dead_letter: { raw: Buffer.from('what is this').toString('base64') } } }]);
    await expect(events('nonsense=1')).rejects.toThrow(/400.*nonsense/);
  });

  it('tells of a new episode by mail and signed webhook, once each, and shows the evidence', async () => {
    await send(refusedLogins(now - 40 * minute, 12));
    await until(
      async () => smtp.mails.length + hook.received.length,
      (told) => told >= 2,
    );
    const [signal] = await until(
      () => signals(service, keys, 'Many refused logins'),
      ([one]) => one?.gatewatch.signal.count === 12,
    );
    expect(signal).toMatchObject({ gatewatch: { signal: { status: 'open', group: { 'source.ip': '203.0.113.7' } } } });
    const { data, evidence } = await service.get<{ data: Signal; evidence: object[] }>(`/v1/signals/${signal!.event.id}`, keys.read);
    expect(data.event.id).toBe(signal!.event.id);
    expect(evidence).toHaveLength(12);
    expect(evidence[0]).toMatchObject({ source: { ip: '203.0.113.7' }, url: { path: '/login' } });
    expect(smtp.mails).toMatchObject([{ from: 'gatewatch@example.org', to: ['soc@example.org'] }]);
    expect(smtp.mails[0]?.source).toMatch(/^Subject: .*Many refused logins/m);
  });

  it('tells of its end, once each', async () => {
    await send(accessLine(now - minute, { ip: '198.51.100.2' }));
    await until(
      async () => smtp.mails.length + hook.received.length,
      (told) => told >= 4,
    );
    const bodies = hook.received.map(({ body, headers }) => new Webhook(secret).verify(body, headers as Record<string, string>));
    expect(bodies).toMatchObject([{ type: 'signal.opened' }, { type: 'signal.closed' }]);
    expect(new Set(hook.received.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
    const ledger = await until(
      () => notices(service, keys),
      (all) => all.every(({ state }) => state === 'delivered'),
    );
    expect(
      ledger.map(({ occasion, channel, attempts }) => `${occasion} ${channel} ${attempts.length} ${attempts[0]?.outcome}`).sort(),
    ).toEqual(['closed email 1 delivered', 'closed webhook 1 delivered', 'opened email 1 delivered', 'opened webhook 1 delivered']);
  });

  it('shows its health, its metrics and its documentation', async () => {
    const open = await Promise.all(['/health/live', '/health/ready', '/docs', '/openapi.json'].map((path) => fetch(service.url + path)));
    expect(open.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const openapi = (await open[3]!.json()) as { openapi: string; paths: object };
    expect(openapi.openapi).toMatch(/^3\./);
    expect(Object.keys(openapi.paths)).toEqual(expect.arrayContaining(['/v1/logs', '/v1/events', '/v1/signals/{id}', '/v1/dead-letters']));
    const metrics = await fetch(service.url + '/metrics', { headers: { authorization: `Bearer ${keys.read}` } });
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    expect(await metrics.text()).toMatch(/^gatewatch_ingest_records_total\{source="http",outcome="received"\} 20$/m);
  });

  it('honours a key made on the command line, and its end', async () => {
    const command = (...words: string[]) => gatewatch(['keys', ...words, '--data', join(dir, 'told')]);
    const key = (await command('add', 'dashboard', 'read')).stdout.trim();
    const status = (): Promise<number> =>
      fetch(service.url + '/v1/signals', { headers: { authorization: `Bearer ${key}` } }).then((response) => response.status);
    await until(status, (code) => code === 200);
    expect((await command('list')).stdout).toMatch(/read +dashboard/);
    expect((await command('revoke', 'dashboard')).code).toBe(0);
    await until(status, (code) => code === 401);
  });

  it('ends with 0 on SIGTERM; started again it shows no keys and tells nobody again', async () => {
    expect(await service.kill('SIGTERM')).toBe(0);
    service = await Service.start(args);
    expect(service.output).not.toMatch(/gw_/);
    // A later episode comes through: whatever was to be told before it would have been told before it.
    await send(refusedLogins(now - minute, 10, '203.0.113.99'));
    await until(
      async () => smtp.mails.length + hook.received.length,
      (told) => told >= 6,
    );
    expect(await settled(service, keys, received)).toMatchObject({ duplicate: 0, deadLettered: 1 });
    expect((await notices(service, keys)).map(({ occasion }) => occasion).sort()).toEqual([
      'closed',
      'closed',
      'opened',
      'opened',
      'opened',
      'opened',
    ]);
    expect([smtp.mails.length, hook.received.length]).toEqual([3, 3]);
  });

  it('takes a changed rule without a restart, keeps windows over it, and keeps the old rules when the new ones are wrong', async () => {
    const inForce = (): Promise<{ checks: { rules: { facts?: { inForce: number; problems: { message: string }[] } } } }> =>
      service.get('/health', keys.read);
    const half = '203.0.113.50';
    await send(refusedLogins(now - 50_000, 5, half));
    await settled(service, keys, received);
    // Written aside and renamed, as editors do: a half-written rule is none.
    writeFileSync(join(dir, 'admin.yml'), pathRule('/admin'));
    renameSync(join(dir, 'admin.yml'), join(rules, 'admin.yml'));
    await until(inForce, ({ checks }) => checks.rules.facts?.inForce === 2);
    await send(refusedLogins(now - 40_000, 5, half) + accessLine(now - 30_000, { ip: half, request: 'GET /admin' }));
    await until(
      () => signals(service, keys, 'Call of /admin'),
      (found) => found.length === 1,
    );
    const group = ({ gatewatch: { signal } }: Signal): boolean => signal.group['source.ip'] === half;
    const bursts = await until(
      () => signals(service, keys, 'Many refused logins'),
      (found) => found.some(group),
    );
    expect(bursts.filter(group)).toMatchObject([{ gatewatch: { signal: { count: 10 } } }]);

    writeFileSync(join(dir, 'admin.yml'), pathRule('/admin').replace('condition: called', 'condition: caled'));
    renameSync(join(dir, 'admin.yml'), join(rules, 'admin.yml'));
    const { checks } = await until(inForce, ({ checks }) => (checks.rules.facts?.problems.length ?? 0) > 0);
    expect(checks.rules.facts).toMatchObject({ inForce: 2, problems: [{ message: expect.stringContaining("did you mean 'called'") }] });
    await send(accessLine(now - 20_000, { ip: '203.0.113.51', request: 'GET /admin' }));
    await until(
      () => signals(service, keys, 'Call of /admin'),
      (found) => found.length === 2,
    );
    // The next service starts with sound rules.
    writeFileSync(join(rules, 'admin.yml'), pathRule('/admin'));
  });
});

it('delivers once when the receiver was down and comes back after a restart', async () => {
  const placeholder = await startSmtpReceiver();
  const { port } = placeholder;
  await placeholder.close();
  const args = configure('late', email(port));
  let service = await Service.start(args);
  const keys = service.keys();
  await post(service, keys.write, refusedLogins(now - 4 * minute, 12));
  await until(
    () => notices(service, keys),
    ([notice]) => (notice?.attempts.length ?? 0) >= 1,
  );
  expect(await service.kill('SIGTERM')).toBe(0);

  const smtp = await startSmtpReceiver({ port });
  service = await Service.start(args);
  const [notice] = await until(
    () => notices(service, keys),
    ([one]) => one?.state === 'delivered',
  );
  expect(notice?.attempts.at(0)?.outcome).toBe('retry');
  expect(notice?.attempts.at(-1)?.outcome).toBe('delivered');
  expect(await service.kill('SIGTERM')).toBe(0);
  expect(smtp.mails).toHaveLength(1);
  await smtp.close();
});
