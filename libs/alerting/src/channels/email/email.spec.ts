import PostalMime, { type Email } from 'postal-mime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '#telemetry';
import { FakeClock, hostile, sampleSignal, selfSigned, startSmtpReceiver, type ReceivedMail, type SmtpReceiver } from '#testkit';
import type { Delivery } from '../../delivery/delivery.js';
import type { Channel, Notice, SignalNotice } from '../../notice.js';
import { emailConfig } from './config.js';
import { email } from './email.js';
import { mailOf } from './message.js';

const opening: SignalNotice = {
  kind: 'signal',
  id: 'a'.repeat(32),
  occasion: 'opened',
  signal: sampleSignal(),
  opening: 'a'.repeat(32),
  untold: true,
  receiver: 'oncall',
  at: Date.UTC(2026, 0, 15, 3, 16, 5),
};
const closing: SignalNotice = {
  ...opening,
  id: 'c'.repeat(32),
  occasion: 'closed',
  untold: false,
  signal: sampleSignal({ status: 'closed', count: 12_345 }),
};
const baseUrl = 'https://gatewatch.example.com';
const to = ['oncall@example.com', 'second@example.com'];

let server: SmtpReceiver;
const open: Channel[] = [];
beforeEach(async () => {
  server = await startSmtpReceiver();
});
afterEach(async () => {
  for (const channel of open.splice(0)) channel.close?.();
  await server.close();
});

function channelTo(smtp: Record<string, unknown> = {}, clock = new FakeClock()): Channel {
  const config = emailConfig.parse({
    type: 'email',
    to,
    from: 'alerts@example.com',
    smtp: { host: '127.0.0.1', port: server.port, security: 'none', ...smtp },
  });
  const channel = email.connect(config, { clock, log: silentLogger, baseUrl });
  open.push(channel);
  return channel;
}
const send = (notice: Notice = opening, smtp: Record<string, unknown> = {}): Promise<Delivery> => channelTo(smtp).send(notice);
const parse = (mail: ReceivedMail | undefined): Promise<Email> => PostalMime.parse(mail!.source);
const header = (mail: Email, name: string): string | undefined => mail.headers.find(({ key }) => key === name)?.value;

describe('the email channel', () => {
  it('sends text and HTML, and says on the envelope and in the headers what it is', async () => {
    expect(await send()).toMatchObject({ outcome: 'delivered', detail: expect.stringMatching(/^250 /) as string });
    expect(server.mails[0]).toMatchObject({ from: 'alerts@example.com', to });
    const mail = await parse(server.mails[0]);
    expect(mail).toMatchObject({
      from: { name: 'Gatewatch', address: 'alerts@example.com' },
      subject: '[high] Login failures from one address: 203.0.113.7',
      messageId: `<${opening.id}@example.com>`,
      date: '2026-01-15T03:16:05.000Z',
    });
    expect(mail.inReplyTo).toBeUndefined();
    expect([header(mail, 'auto-submitted'), header(mail, 'x-gatewatch-signal'), header(mail, 'x-mailer')]).toEqual([
      'auto-generated',
      opening.signal.id,
      undefined,
    ]);
    expect(mail.text).toContain('WHAT TO DO');
    expect(mail.html).toContain('203.0.113.7');
  });

  it('encrypts, and tells nothing to a server whose certificate it cannot trust or that does not encrypt', async () => {
    for (const [security, tls] of [
      ['tls', 'implicit'],
      ['starttls', 'starttls'],
    ] as const) {
      await server.close();
      server = await startSmtpReceiver({ tls });
      expect(await send(opening, { security })).toMatchObject({ outcome: 'retry', reason: 'tls' });
      expect(server.mails).toEqual([]);
      expect(await send(opening, { security, tls: { ca: selfSigned.cert } })).toMatchObject({ outcome: 'delivered' });
      const otherName = { ca: selfSigned.cert, server_name: 'mail.example.com' };
      expect(await send(opening, { security, tls: otherName })).toMatchObject({ outcome: 'retry', reason: 'tls' });
      expect(server.mails).toHaveLength(1);
    }
    await server.close();
    server = await startSmtpReceiver();
    expect(await send(opening, { security: 'starttls' })).toMatchObject({ outcome: 'retry', reason: 'tls' });
    expect(server.mails).toEqual([]);
  });

  it('lets the end answer the opening, so that both stand in one thread', async () => {
    await send(closing);
    const mail = await parse(server.mails[0]);
    expect(mail).toMatchObject({
      subject: 'Closed: [high] Login failures from one address: 203.0.113.7',
      inReplyTo: `<${opening.id}@example.com>`,
      references: `<${opening.id}@example.com>`,
    });
  });

  it('sends the same message in every attempt, but for the separator of its parts', async () => {
    await send();
    await send();
    const [one, two] = server.mails.map(({ source }) => source.replace(/--_NmP-[\w.-]+/g, ''));
    expect(one).toBe(two);
  });

  it.each([
    ['opened', opening],
    ['closed', closing],
    ['opened-and-closed', { ...closing, untold: true }],
  ])('writes the recorded mail to the letter: %s', async (name, notice) => {
    const config = emailConfig.parse({ type: 'email', to, from: 'alerts@example.com', smtp: { host: 'localhost' } });
    const { subject, text, html } = mailOf(notice, config, baseUrl);
    await expect(`Subject: ${subject}\n\n${text}`).toMatchFileSnapshot(`./${name}.expected.txt`);
    await expect(html).toMatchFileSnapshot(`./${name}.expected.html`);
  });

  it('tells many signals in one mail, the worst first', async () => {
    const worst = {
      ...opening,
      signal: sampleSignal({ rule: { ...opening.signal.rule, level: 'critical', title: 'Success after a burst' } }),
    };
    const entries = [...Array.from({ length: 60 }, () => opening), worst];
    await send({ kind: 'digest', id: 'd'.repeat(32), entries, receiver: 'oncall', at: opening.at });
    const mail = await parse(server.mails[0]);
    expect(mail.subject).toBe('[Gatewatch] 61 signals, the worst critical');
    expect(mail.text).toMatch(/^61 signals[\s\S]*?\[critical\] Success after a burst[\s\S]*and 11 more/);
  });
});

describe('a mail with hostile values', () => {
  const rule = {
    ...opening.signal.rule,
    title: hostile,
    description: hostile,
    runbook: hostile,
    author: hostile,
    asks: hostile,
    tags: [hostile],
    falsePositives: [hostile],
  };
  const references = ['javascript:alert(1)', 'https://example.org/"onmouseover="x', 'https://ok.example.org/'];
  const evidence = [{ offset: 1, time: opening.signal.first, line: hostile }, { offset: 2, time: opening.signal.first, id: hostile }]; // prettier-ignore
  const signal = sampleSignal({
    id: hostile,
    rule: { ...rule, references },
    group: { [hostile]: hostile.repeat(1000), 'user.name': hostile },
    entities: { 'url.path': [hostile], ['__proto__']: [hostile] },
    reason: hostile,
    evidence,
  });

  it('shows them as text, adds no header, and stays small', async () => {
    await send({ ...opening, signal });
    const source = server.mails[0]!.source;
    const mail = await parse(server.mails[0]);
    expect(source.length).toBeLessThan(60_000);
    expect(mail.headers.map(({ key }) => key).sort()).toEqual(
      ['auto-submitted', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'subject', 'to', 'x-auto-response-suppress', 'x-gatewatch-level', 'x-gatewatch-signal'], // prettier-ignore
    );
    expect(mail.bcc).toBeUndefined();
    expect(mail.subject!.length).toBeLessThanOrEqual(150);
    for (const text of [mail.subject!, mail.text!, mail.html!])
      expect(text.replaceAll(/[\r\n\t]/g, '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
  });

  it('opens no element and no attribute that is not ours, and loads nothing', async () => {
    await send({ ...opening, signal });
    const html = (await parse(server.mails[0])).html!;
    const tags = new Set([...html.matchAll(/<([a-z][a-z0-9]*)/gi)].map(([, tag]) => tag!.toLowerCase()));
    expect([...tags].filter((tag) => ['script', 'img', 'iframe', 'link', 'object', 'svg', 'form', 'base'].includes(tag))).toEqual([]);
    const attributes = new Set(
      [...html.matchAll(/<[a-z][^>]*?>/gi)].flatMap(([tag]) => [...tag.matchAll(/\s([a-z-]+)="/gi)].map(([, name]) => name!)),
    );
    expect([...attributes].filter((name) => /^on|src|background|srcset/.test(name))).toEqual([]);
    expect([...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual([
      `${baseUrl}/v1/signals/${encodeURIComponent(hostile).replaceAll("'", '&#39;')}`,
      'https://example.org/&quot;onmouseover=&quot;x',
      'https://ok.example.org/',
    ]);
    expect(html).not.toMatch(/url\(|@import|<script/i);
    expect(html).toContain('hxxp://evil.example');
  });
});

describe('what a mail server answers', () => {
  it('4xx is tried again, 5xx is not', async () => {
    server.refusals.push({ code: 451, text: 'try later' }, { code: 552, text: 'too big' });
    expect(await send()).toMatchObject({ outcome: 'retry', reason: 'server_error', detail: expect.stringContaining('451') as string });
    expect(await send()).toMatchObject({ outcome: 'rejected', reason: 'client_error', detail: expect.stringContaining('552') as string });
  });

  it('a refused recipient: for good, the others are served; for now, only he gets it again', async () => {
    server.refusedRecipients.set(to[1]!, { code: 550, text: 'nobody here' });
    expect(await send()).toMatchObject({ outcome: 'delivered', detail: expect.stringContaining('1 recipients refused') as string });
    server.refusedRecipients.set(to[0]!, { code: 451, text: 'grey list' });
    const channel = channelTo();
    expect(await channel.send(opening)).toMatchObject({ outcome: 'retry', reason: 'recipient' });
    expect(await channel.send(opening)).toMatchObject({ outcome: 'delivered' });
    expect(server.mails.map((mail) => mail.to)).toEqual([[to[0]], [to[1]], [to[0]]]);
    for (const address of to) server.refusedRecipients.set(address, { code: 550, text: 'nobody here' });
    expect(await send()).toMatchObject({ outcome: 'rejected', reason: 'recipient' });
  });

  it('a server that is not there, or does not offer the encryption that is asked for, is tried again', async () => {
    expect(await send(opening, { security: 'starttls', host: '127.0.0.1' })).toMatchObject({ outcome: 'retry', reason: 'tls' });
    await server.close();
    expect(await send()).toMatchObject({ outcome: 'retry', reason: 'unreachable' });
  });

  it('a wrong password is not, and neither it nor its base64 is repeated', async () => {
    await server.close();
    const password = 'hunter2-hunter2';
    server = await startSmtpReceiver({ login: { user: 'gw', password: 'another' } });
    const delivery = await send(opening, { user: 'gw', password });
    expect(delivery).toMatchObject({
      outcome: 'rejected',
      reason: 'auth',
      detail: expect.stringContaining('no such login gw <secret>') as string,
    });
    expect(JSON.stringify(delivery)).not.toContain(password);
    expect(await send(opening, { user: 'gw', password: 'another' })).toMatchObject({ outcome: 'delivered' });
  });
});

describe('the configuration of mail', () => {
  const problems = (smtp: Record<string, unknown>, over: Record<string, unknown> = {}): string[] => {
    const result = emailConfig.safeParse({
      type: 'email',
      to,
      from: 'a@example.com',
      smtp: { host: 'mail.example.com', ...smtp },
      ...over,
    });
    return result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  };

  it('has a port for each kind of encryption, and sends no password in the clear', () => {
    const ports = ['starttls', 'tls', 'none'].map(
      (security) => emailConfig.parse({ type: 'email', to, from: 'a@example.com', smtp: { host: 'mail.example.com', security } }).smtp.port,
    );
    expect(ports).toEqual([587, 465, 25]);
    expect(problems({ user: 'a', password: 'b', security: 'none' })).toEqual([
      'smtp.security: expected "starttls" or "tls": a password would travel in the clear',
    ]);
    expect(problems({ user: 'a' })).toEqual(['smtp.password: user and password go together; give both or none']);
    expect(problems({}, { to: [] })).not.toEqual([]);
    expect(problems({}, { to: ['x@example.com\r\nBcc: y@example.com'] })).not.toEqual([]);
    expect(problems({}, { from_name: 'A\nB' })).not.toEqual([]);
    expect(problems({}, { cc: ['x@example.com'] })).not.toEqual([]);
  });
});
