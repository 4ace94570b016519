import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Signal } from '#ecs';
import { noMetrics, type Facts, type Logger } from '#telemetry';
import {
  FakeClock,
  hangUp,
  MemoryOutbox,
  sampleSignal,
  silence,
  startHttpReceiver,
  startSmtpReceiver,
  status,
  type HttpReceiver,
} from '#testkit';
import { buildAlerting, type Alerting, type SignalJournal } from './alerting.js';
import { alertingConfig } from './config.js';
import type { SignalEntry } from './intake.js';
import { notificationId } from './notification-id.js';

const key = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const password = 'hunter2-hunter2';

class Journal implements SignalJournal {
  readonly entries: SignalEntry[] = [];
  #waiting: (() => void)[] = [];

  add(...signals: Partial<Signal>[]): void {
    for (const signal of signals) this.entries.push({ sequence: this.entries.length + 1, signal: sampleSignal(signal) });
    for (const wake of this.#waiting.splice(0)) wake();
  }
  journal(after: number, limit: number): SignalEntry[] {
    return this.entries.filter(({ sequence }) => sequence > after).slice(0, limit);
  }
  waitForJournal(after: number, signal: AbortSignal): Promise<void> {
    if (this.journal(after, 1).length || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

let hook: HttpReceiver;
let backup: HttpReceiver;
let clock: FakeClock;
let journal: Journal;
let outbox: MemoryOutbox;
let logged: { level: string; message: string; facts?: Facts }[];
const note = (level: string) => (message: string, facts?: Facts) => void logged.push({ level, message, ...(facts && { facts }) });
const log: Logger = { error: note('error'), warn: note('warn'), info: note('info'), debug: note('debug') };

beforeEach(async () => {
  [hook, backup] = await Promise.all([startHttpReceiver(), startHttpReceiver()]);
  clock = new FakeClock(sampleSignal().last + 1000);
  journal = new Journal();
  outbox = new MemoryOutbox();
  logged = [];
});
afterEach(() => Promise.all([hook.close(), backup.close()]));

const webhookTo = (server: HttpReceiver, over = {}): object => ({
  type: 'webhook',
  url: `${server.url}/secret-path-token`,
  secret: key,
  allow_private: true,
  ...over,
});
function start(over: object = {}, receiver: object = {}): Alerting {
  const config = alertingConfig.parse({ receivers: [{ name: 'oncall', channels: [webhookTo(hook)], ...receiver }], ...over });
  return buildAlerting({ config, journal, outbox, clock, log, metrics: noMetrics });
}
/** Lets time pass as `run` would see it: a look every second. */
async function passFor(alerting: Alerting, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await clock.advance(1000);
    await alerting.pass();
  }
}
const idOf = (signal: string, occasion: 'opened' | 'closed', channel = 'webhook', receiver = 'oncall'): string =>
  notificationId({ signal, occasion, receiver, channel });
const idsAt = (server: HttpReceiver): string[] => server.received.map(({ headers }) => String(headers['webhook-id']));

describe('from a signal to its receivers', () => {
  it('tells of the opening and of the end by mail and webhook, once each, while it runs', async () => {
    const smtp = await startSmtpReceiver();
    const email = {
      type: 'email',
      to: ['a@example.com'],
      from: 'gw@example.com',
      smtp: { host: '127.0.0.1', port: smtp.port, security: 'none' },
    };
    const alerting = start({}, { channels: [webhookTo(hook), email] });
    const stop = new AbortController();
    const running = alerting.run(stop.signal);
    journal.add({ id: 'a' });
    await hook.reached(1);
    await until(() => outbox.list({ state: 'delivered', limit: 10 }).length === 2);
    journal.add({ id: 'a', revision: 2, count: 50 }, { id: 'a', revision: 3, status: 'closed' });
    await until(() => outbox.list({ state: 'delivered', limit: 10 }).length === 4);
    stop.abort();
    await running;
    alerting.close();
    await smtp.close();
    expect(idsAt(hook)).toEqual([idOf('a', 'opened'), idOf('a', 'closed')]);
    expect(smtp.mails.map(({ source }) => /^Subject: (.*)$/m.exec(source)![1])).toEqual([
      '[high] Login failures from one address: 203.0.113.7',
      expect.stringMatching(/^Closed: \[high\]/),
    ]);
    expect(outbox.mark()).toBe(3);
    expect(outbox.attempts(idOf('a', 'opened'))).toMatchObject([{ number: 1, outcome: 'delivered', detail: '204' }]);
  });

  it('sends one notice that says both when a signal is over before its opening was told', async () => {
    journal.add({ id: 'a' }, { id: 'a', revision: 2, status: 'closed' }, { id: 'b', status: 'closed' });
    await start().pass();
    expect(idsAt(hook)).toEqual([idOf('a', 'closed'), idOf('b', 'closed')]);
    expect(outbox.list({ state: 'delivered', limit: 10 })).toHaveLength(4);
    expect(outbox.attempts(idOf('a', 'opened'))[0]!.detail).toContain(`told together with others in ${idOf('a', 'closed')}`);
  });

  it('tells those who do not want the end only of the opening', async () => {
    journal.add({ id: 'a' }, { id: 'a', revision: 2, status: 'closed' });
    await start({}, { send_resolved: false }).pass();
    expect(idsAt(hook)).toEqual([idOf('a', 'opened')]);
  });

  it('writes to the log when nobody is configured', async () => {
    journal.add({ id: 'a' });
    const config = alertingConfig.parse({});
    await buildAlerting({ config, journal, outbox, clock, log, metrics: noMetrics }).pass();
    expect(logged).toMatchObject([{ level: 'info', message: 'Signal opened.', facts: { signal: 'a', level: 'high' } }]);
  });

  it('joins what is above the budget of a minute into one digest', async () => {
    journal.add(...Array.from({ length: 50 }, (_, index) => ({ id: `s${index}` })));
    const alerting = start();
    await alerting.pass();
    const types = hook.received.map(({ body }) => (JSON.parse(body) as { type: string }).type);
    expect(types).toEqual([...Array<string>(19).fill('signal.opened'), 'signal.digest']);
    expect(outbox.list({ state: 'delivered', limit: 100 })).toHaveLength(50);
    journal.add({ id: 'next' });
    await passFor(alerting, 50);
    expect(hook.received).toHaveLength(20);
    await passFor(alerting, 15);
    expect(hook.received).toHaveLength(21);
  });
});

describe('a receiver in trouble', () => {
  it('gets it after three 500s under the same id, and the ledger shows every attempt', async () => {
    hook.answers.push(status(500), status(500), status(500));
    journal.add({ id: 'a' });
    const alerting = start();
    await alerting.pass();
    await passFor(alerting, 20);
    expect(idsAt(hook)).toEqual(Array(4).fill(idOf('a', 'opened')));
    const attempts = outbox.attempts(idOf('a', 'opened'));
    expect(attempts.map(({ number, outcome }) => `${number} ${outcome}`)).toEqual(['1 retry', '2 retry', '3 retry', '4 delivered']);
    const pauses = attempts.slice(1).map(({ at }, index) => Math.round((at - attempts[index]!.at) / 1000));
    for (const [index, pause] of pauses.entries()) expect(Math.abs(pause - 2 ** index)).toBeLessThanOrEqual(1);
  });

  it('is left alone as long as its Retry-After asks', async () => {
    hook.answers.push(status(429, { 'retry-after': '60' }));
    journal.add({ id: 'a' }, { id: 'b' });
    const alerting = start();
    await alerting.pass();
    await passFor(alerting, 59);
    expect(hook.received).toHaveLength(1);
    await passFor(alerting, 2);
    expect(idsAt(hook).sort()).toEqual([idOf('a', 'opened'), idOf('a', 'opened'), idOf('b', 'opened')].sort());
  });

  it('is given up when it refuses for good: an error in the log, and the fallback is told what and why', async () => {
    hook.answers.push(status(401), status(400));
    journal.add({ id: 'a' }, { id: 'b' });
    const alerting = start({ fallback: { channels: [webhookTo(backup)] } });
    await alerting.pass();
    await alerting.pass();
    expect(
      outbox
        .list({ state: 'given_up', limit: 10 })
        .map(({ signal }) => signal.id)
        .sort(),
    ).toEqual(['a', 'b']);
    expect(logged.filter(({ level }) => level === 'error')).toMatchObject([
      { message: 'Notification given up.', facts: { signal: 'a', receiver: 'oncall', channel: 'webhook', reason: 'auth', attempts: 1 } },
      { message: 'Notification given up.', facts: { signal: 'b', reason: 'client_error' } },
    ]);
    const insteads = backup.received.map(
      ({ body }) => (JSON.parse(body) as { data: { gatewatch: { instead: object } } }).data.gatewatch.instead,
    );
    expect(insteads).toEqual([
      { receiver: 'oncall', channel: 'webhook', reason: 'auth' },
      { receiver: 'oncall', channel: 'webhook', reason: 'client_error' },
    ]);
  });

  it('is given up after retry_for, and a fallback that fails too does not call itself', async () => {
    hook.answers.push(...Array.from({ length: 100 }, () => status(500)));
    backup.answers.push(status(400));
    journal.add({ id: 'a' });
    const alerting = start({ retry_for: '1m', fallback: { channels: [webhookTo(backup)] } });
    await alerting.pass();
    await passFor(alerting, 70);
    expect(outbox.notification(idOf('a', 'opened'))).toMatchObject({ state: 'given_up' });
    expect(backup.received).toHaveLength(1);
    expect(outbox.list({ state: 'given_up', limit: 10 })).toHaveLength(2);
    expect(outbox.nextDue()).toBeUndefined();
  });

  it('does not hold up the others, and is not hammered with its backlog', async () => {
    await hook.close();
    const critical = { ...sampleSignal().rule, level: 'critical' } as const;
    journal.add(...Array.from({ length: 600 }, (_, index) => ({ id: `s${index}`, ...(index > 597 && { rule: critical }) })));
    const boss = { name: 'boss', min_level: 'critical', channels: [webhookTo(backup)] };
    const alerting = start({ receivers: [{ name: 'oncall', channels: [webhookTo(hook)] }, boss] });
    await alerting.pass();
    await alerting.pass();
    expect(backup.received).toHaveLength(2);
    const tried = outbox.list({ state: 'waiting', limit: 1000 }).filter(({ attempts }) => attempts > 0);
    expect(tried).toHaveLength(1);
  });

  it('whose end comes while the opening is tried again hears both together, not the end first', async () => {
    hook.answers.push(status(500), status(500), status(500));
    journal.add({ id: 'a' });
    const alerting = start();
    await alerting.pass();
    await passFor(alerting, 4);
    journal.add({ id: 'a', revision: 2, status: 'closed' });
    await alerting.pass();
    expect(idsAt(hook)).not.toContain(idOf('a', 'closed'));
    await passFor(alerting, 20);
    expect(idsAt(hook).at(-1)).toBe(idOf('a', 'closed'));
    expect(outbox.nextDue()).toBeUndefined();
  });

  it('that was taken out of the configuration is given up by name', async () => {
    hook.answers.push(status(500));
    journal.add({ id: 'a' });
    await start().pass();
    await clock.advance(5000);
    await start({ receivers: [] }).pass();
    expect(outbox.attempts(idOf('a', 'opened')).at(-1)).toMatchObject({ outcome: 'rejected', reason: 'receiver_unknown' });
  });

  it('gets its mail once when the mail server was down and comes back', async () => {
    const before = await startSmtpReceiver();
    const email = {
      type: 'email',
      to: ['a@example.com'],
      from: 'gw@example.com',
      smtp: { host: '127.0.0.1', port: before.port, security: 'none' },
    };
    await before.close();
    journal.add({ id: 'a' });
    await start({}, { channels: [email] }).pass();
    expect(outbox.notification(idOf('a', 'opened', 'email'))).toMatchObject({ state: 'waiting', attempts: 1 });
    const smtp = await startSmtpReceiver({ port: before.port });
    outbox = outbox.reopened();
    await passFor(start({}, { channels: [email] }), 5);
    await smtp.close();
    expect(smtp.mails).toHaveLength(1);
    expect(outbox.notification(idOf('a', 'opened', 'email'))).toMatchObject({ state: 'delivered', attempts: 2 });
  });
});

describe('a stop', () => {
  it('lets the message under way end by its time limit, and records it', async () => {
    hook.answers.push(silence);
    journal.add({ id: 'a' });
    const stop = new AbortController();
    const running = start().run(stop.signal);
    await hook.reached(1);
    stop.abort();
    await clock.advance(10_000);
    await running;
    expect(outbox.attempts(idOf('a', 'opened'))).toMatchObject([{ outcome: 'retry', reason: 'timeout' }]);
  });

  it('between sending and recording repeats the message under its old id', async () => {
    hook.answers.push((response) => {
      outbox.failing = new Error('disk full');
      status(204)(response, hook.received[0]!);
    });
    journal.add({ id: 'a' });
    void start().pass();
    await until(() => logged.some(({ message }) => message === 'Attempt could not be recorded; trying again.'));
    outbox = outbox.reopened();
    await start().pass();
    expect(idsAt(hook)).toEqual([idOf('a', 'opened'), idOf('a', 'opened')]);
    expect(outbox.attempts(idOf('a', 'opened'))).toHaveLength(1);
  });

  it('is not needed for a full disk: what was sent is recorded when there is room again, and not sent twice', async () => {
    hook.answers.push((response) => {
      outbox.failing = new Error('disk full');
      status(204)(response, hook.received[0]!);
    });
    journal.add({ id: 'a' });
    const passing = start().pass();
    await until(() => logged.length > 0);
    outbox.failing = undefined;
    await clock.advance(2000);
    await passing;
    expect(hook.received).toHaveLength(1);
    expect(outbox.notification(idOf('a', 'opened'))).toMatchObject({ state: 'delivered' });
  });

  it('at any moment, with a receiver in any mood, loses no notice and makes no new id', async () => {
    const moods = fc.array(fc.constantFrom(204, 500, 429, 0), { maxLength: 12 });
    const deeds = fc.array(fc.constantFrom('pass', 'wait', 'crash', 'open', 'close', 'both'), { minLength: 3, maxLength: 14 });
    await fc.assert(
      fc.asyncProperty(moods, deeds, async (answers, steps) => {
        hook.received.length = 0;
        hook.answers.splice(0, hook.answers.length, ...answers.map((code) => (code ? status(code) : hangUp)));
        [journal, outbox] = [new Journal(), new MemoryOutbox()];
        let opened = 0;
        let alerting = start();
        for (const step of steps) {
          if (step === 'pass') await alerting.pass();
          else if (step === 'wait') await clock.advance(2000);
          else if (step === 'open') journal.add({ id: `s${++opened}` });
          else if (step === 'both') journal.add({ id: `s${++opened}`, status: 'closed' });
          else if (step === 'close' && opened) journal.add({ id: `s${opened}`, status: 'closed' });
          else if (step === 'crash') {
            outbox = outbox.reopened();
            alerting = start();
          }
        }
        // A digest may have joined messages; what each receiver must have heard of is in the ledger.
        for (let round = 0; round < 14; round++) {
          await clock.advance(120_000);
          await alerting.pass();
        }
        const wanted = new Set(
          journal.entries.flatMap(({ signal }) =>
            (signal.status === 'closed' ? ['opened', 'closed'] : ['opened']).map((occasion) => idOf(signal.id, occasion as 'opened')),
          ),
        );
        expect(new Set(outbox.list({ state: 'delivered', limit: 100 }).map(({ id }) => id))).toEqual(wanted);
        expect(idsAt(hook).filter((id) => !wanted.has(id))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

it('says nothing secret in logs, ledger and outbox, whatever the servers repeat', async () => {
  const smtp = await startSmtpReceiver({ login: { user: 'gw', password: 'another' } });
  const email = {
    type: 'email',
    to: ['a@example.com'],
    from: 'gw@example.com',
    smtp: { host: '127.0.0.1', port: smtp.port, security: 'none', user: 'gw', password },
  };
  const headers = { authorization: `Bearer ${password}` };
  const echo = (response: Parameters<(typeof hook.answers)[0]>[0], { path, headers: got }: (typeof hook.received)[0]): void => status(400, {}, `${path} ${JSON.stringify(got)} ${key}`)(response, hook.received[0]!); // prettier-ignore
  hook.answers.push(echo);
  journal.add({ id: 'a' });
  const config = alertingConfig.parse({ receivers: [{ name: 'oncall', channels: [webhookTo(hook, { headers }), email] }] });
  await buildAlerting({ config, journal, outbox, clock, log, metrics: noMetrics }).pass();
  await smtp.close();
  const all = outbox.list({ limit: 10 });
  const said = JSON.stringify([logged, all, all.map(({ id }) => outbox.attempts(id)), config]);
  expect(all.map(({ state }) => state)).toEqual(['given_up', 'given_up']);
  for (const secret of [password, key, key.slice(6), 'secret-path-token', Buffer.from(`\0gw\0${password}`).toString('base64')])
    expect(said).not.toContain(secret);
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
