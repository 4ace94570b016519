import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { silentLogger } from '#telemetry';
import { FakeClock, hangUp, hostile, sampleSignal, silence, startHttpReceiver, status, type HttpReceiver } from '#testkit';
import type { Delivery } from '../../delivery/delivery.js';
import type { SignalNotice } from '../../notice.js';
import { webhookConfig } from './config.js';
import { webhookChannel } from './webhook.js';

const key = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const oldKey = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;
const token = 'T0123-secret-path-token';
const notice: SignalNotice = {
  kind: 'signal',
  id: 'a'.repeat(32),
  occasion: 'opened',
  signal: sampleSignal(),
  opening: 'a'.repeat(32),
  untold: true,
  receiver: 'oncall',
  at: Date.UTC(2026, 0, 15, 3, 16, 5),
};

let server: HttpReceiver;
let clock: FakeClock;
beforeEach(async () => {
  server = await startHttpReceiver();
  // The signature's time is checked against the real clock by `verify`.
  clock = new FakeClock(Date.now());
});
afterEach(() => server.close());

function send(
  settings: Record<string, unknown> = {},
  sent: Parameters<ReturnType<typeof webhookChannel>['send']>[0] = notice,
): Promise<Delivery> {
  const config = webhookConfig.parse({
    type: 'webhook',
    url: `${server.url}/hook/${token}`,
    secret: key,
    allow_private: true,
    ...settings,
  });
  return webhookChannel(config, { clock, log: silentLogger, baseUrl: 'https://gatewatch.example.com' }).send(sent);
}

describe('the webhook channel', () => {
  it('posts the alert as an ECS document, signed so that a Standard Webhooks receiver accepts it', async () => {
    expect(await send()).toEqual({ outcome: 'delivered', detail: '204' });
    const [{ headers, body }] = server.received as [(typeof server.received)[0]];
    expect(headers).toMatchObject({ 'webhook-id': notice.id, 'content-type': 'application/json' });
    const message = new Webhook(key).verify(body, headers as Record<string, string>);
    expect(message).toMatchObject({
      type: 'signal.opened',
      timestamp: '2026-01-15T03:16:05.000Z',
      data: {
        event: { id: notice.signal.id, kind: 'alert', url: `https://gatewatch.example.com/v1/signals/${notice.signal.id}` },
        rule: { name: 'Login failures from one address' },
        source: { ip: '203.0.113.7' },
        gatewatch: { signal: { status: 'open', count: 23 } },
      },
    });
    expect(() => new Webhook(key).verify(`${body} `, headers as Record<string, string>)).toThrow();
  });

  it('matches the recorded body to the letter', async () => {
    await send();
    await expect(JSON.stringify(JSON.parse(server.received[0]!.body), null, 2) + '\n').toMatchFileSnapshot('./opened.expected.json');
  });

  it('signs with both keys while one replaces the other', async () => {
    await send({ previous_secret: oldKey });
    const { headers, body } = server.received[0]!;
    for (const one of [key, oldKey]) expect(new Webhook(one).verify(body, headers as Record<string, string>)).toBeTruthy();
  });

  it('carries a digest, and what the fallback stands in for', async () => {
    const instead = { receiver: 'oncall', channel: 'email', reason: 'auth' };
    const entries = [
      { ...notice, instead },
      { ...notice, occasion: 'closed' as const },
    ];
    await send({}, { kind: 'digest', id: 'd'.repeat(32), entries, receiver: 'oncall', at: notice.at });
    expect(JSON.parse(server.received[0]!.body)).toMatchObject({
      type: 'signal.digest',
      data: { count: 2, signals: [{ type: 'signal.opened', gatewatch: { instead } }, { type: 'signal.closed' }] },
    });
  });

  it('follows the shared table of statuses, honours Retry-After, and does not follow redirects', async () => {
    server.answers.push(
      status(503, { 'retry-after': '7' }, 'busy'),
      status(401, {}, 'x'.repeat(5000)),
      status(302, { location: `${server.url}/else` }),
    );
    expect(await send()).toEqual({ outcome: 'retry', reason: 'server_error', after: 7000, detail: '503 busy' });
    const rejected = await send();
    expect(rejected).toMatchObject({ outcome: 'rejected', reason: 'auth' });
    expect(rejected.detail).toHaveLength(300);
    expect(await send()).toMatchObject({ outcome: 'rejected', reason: 'redirect' });
    expect(server.received).toHaveLength(3);
  });

  it('tries again when the other side hangs up, is not there, or takes too long', async () => {
    server.answers.push(hangUp, silence);
    expect(await send()).toMatchObject({ outcome: 'retry', reason: 'unreachable' });
    const slow = send({ timeout: '10s' });
    await server.reached(2);
    await clock.advance(10_000);
    expect(await slow).toMatchObject({ outcome: 'retry', reason: 'timeout' });
    await server.close();
    expect(await send()).toMatchObject({ outcome: 'retry', reason: 'unreachable' });
  });

  it('counts a success even if the body behind it never ends', async () => {
    server.answers.push((response) => void response.writeHead(200).write('…'));
    expect(await send()).toMatchObject({ outcome: 'delivered' });
  });

  it('does not connect to this machine or a private network unless that is allowed, by address or by name', async () => {
    const { port } = new URL(server.url);
    for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', 'localhost']) {
      const delivery = await send({ url: `http://${host}:${port}/`, allow_private: false, allow_http: true });
      expect(delivery, host).toMatchObject({ outcome: 'rejected', reason: 'address_refused' });
    }
    expect(server.received).toEqual([]);
  });

  it('says nothing secret, though the other side repeats all it was told', async () => {
    server.answers.push((response, { path, headers }) => {
      response.writeHead(400);
      response.end(`bad: ${path} ${JSON.stringify(headers)} ${key}`);
    });
    const bearer = 'Bearer hunter2-hunter2';
    const delivery = await send({ headers: { authorization: bearer } });
    expect(delivery.detail).toMatch(/^400 bad: <secret>/);
    for (const text of [token, 'hunter2', key.slice(6)]) expect(delivery.detail).not.toContain(text);
  });

  it('sends hostile text as data', async () => {
    await send({}, { ...notice, signal: sampleSignal({ group: { 'user.name': hostile }, reason: hostile }) });
    const { data } = JSON.parse(server.received[0]!.body) as { data: { event: { reason: string } } };
    expect(data.event.reason).toBe(hostile);
  });
});

describe('the configuration of a webhook', () => {
  const problems = (over: Record<string, unknown>): string[] => {
    const result = webhookConfig.safeParse({ type: 'webhook', url: 'https://example.org/h', secret: key, ...over });
    return result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  };

  it('wants https, a key of enough bytes, and leaves the signed headers alone', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ url: 'http://127.0.0.1:9/h' })).toEqual([]);
    expect(problems({ url: 'http://example.org/h', allow_http: true })).toEqual([]);
    expect(problems({ url: 'http://example.org/h' })[0]).toContain('expected https');
    expect(problems({ url: 'https://me:pw@example.org/' })[0]).toContain('must not hold a user');
    expect(problems({ url: 'example.org' })[0]).toContain('expected an address such as');
    expect(problems({ secret: 'whsec_c2hvcnQ=' })[0]).toContain('24 to 64 random bytes');
    expect(problems({ headers: { 'Webhook-Id': 'x' } })[0]).toContain('set by the service itself');
    expect(problems({ headers: { 'x-a': 'a\r\nb' } })[0]).toContain('printable ASCII');
  });
});

describe('the README', () => {
  it("shows a receiver's check that accepts our message and refuses a changed one", async () => {
    const [, code] = /```js\n([\s\S]*?)```/.exec(readFileSync(new URL('./README.md', import.meta.url), 'utf8'))!;
    const source = `${code}\nexport default verify;`;
    const { default: verify } = (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(source)}`)) as {
      default: (headers: Record<string, string | undefined>, body: string, secret: string) => boolean;
    };
    await send({ previous_secret: oldKey });
    const { headers, body } = server.received[0]! as unknown as { headers: Record<string, string>; body: string };
    expect([verify(headers, body, key), verify(headers, body, oldKey)]).toEqual([true, true]);
    expect(verify(headers, `${body} `, key)).toBe(false);
    expect(verify({ ...headers, 'webhook-timestamp': '1000' }, body, key)).toBe(false);
    expect(verify(headers, body, `whsec_${Buffer.alloc(24, 1).toString('base64')}`)).toBe(false);
  });
});
