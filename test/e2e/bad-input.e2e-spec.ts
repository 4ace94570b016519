import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSmtpReceiver } from '#testkit';
import { gatewatch, Service, until, type Keys } from './gatewatch-process.js';
import { accessLine, burstRule, pathRule, post, refusedLogins, settled } from './login-burst.js';

const dir = mkdtempSync(join(tmpdir(), 'gatewatch-bad-input-'));
const path = (name: string): string => join(dir, name);
const own = ['--no-shipped', '--rules', path('rules')];
const start = Date.UTC(2026, 0, 15, 10);
/** Repeated and compressed, a line of 100 MB fits into a request. */
const endless = Buffer.alloc(100_000_000, 'a');

// What a terminal obeys: controls but the newline, and the marks that turn the reading direction.
// eslint-disable-next-line no-control-regex -- they are what is looked for
const obeyed = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e]/;

/** Options of a service of our own rule; `more` is further YAML. */
function configured(data: string, more = ''): string[] {
  const file = path(`${data}.yml`);
  writeFileSync(file, `data_dir: ${path(data)}\ndetection: { shipped: false, rules: [${path('rules')}] }\n${more}`);
  return ['--config', file];
}

interface Parsed {
  readonly '@timestamp': string;
  readonly event: { readonly kind: string; readonly original: string };
  readonly error?: { readonly code: string };
  readonly user_agent?: { readonly original: string };
  readonly gatewatch: { readonly dead_letter?: { readonly raw: string } };
}
async function parse(input: string | Buffer): Promise<Parsed[]> {
  const { code, stdout } = await gatewatch(['parse', '-'], { input });
  expect(code).toBe(0);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Parsed);
}

beforeAll(() => {
  mkdirSync(path('rules'));
  writeFileSync(path('rules/burst.yml'), burstRule);
  // Tells the most memory that a process ever held, when it ends.
  writeFileSync(
    path('peak.mjs'),
    "import { readFileSync, writeFileSync } from 'node:fs';\nprocess.on('exit', () => writeFileSync(process.env.PEAK_FILE, readFileSync('/proc/self/status')));\n",
  );
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('a file that is not as it should be', () => {
  it('counts up to where a gzip file breaks off, says so, and ends with 1', async () => {
    const whole = gzipSync(refusedLogins(start, 3000).replaceAll('curl/8.5', () => `curl/${Math.random()}`));
    writeFileSync(path('broken.gz'), whole.subarray(0, whole.length * 0.7));
    const [scan, parsed, match] = await Promise.all([
      gatewatch(['scan', ...own, path('broken.gz')]),
      gatewatch(['parse', path('broken.gz')]),
      gatewatch(['match', '--rules', path('rules'), path('broken.gz')]),
    ]);
    expect(scan.stdout).toContain('Many refused logins');
    expect(parsed.stdout).toMatch(/"status_code":401.*\}\n$/);
    for (const { code, stderr } of [scan, parsed, match])
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('broken.gz: the gzip data ends early or is damaged') });
  });

  it('reads over a line of 100 MB in bounded memory', async () => {
    writeFileSync(path('long.log'), Buffer.concat([endless, Buffer.from('\n' + refusedLogins(start, 10))]));
    const { code, stdout } = await gatewatch(['scan', ...own, path('long.log')], {
      env: { NODE_OPTIONS: `--import file://${path('peak.mjs')}`, PEAK_FILE: path('peak') },
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/10 events .*; 1 not understood \(too_long 1\)/);
    expect(stdout).toContain('Many refused logins');
    const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(path('peak'), 'utf8'))?.[1]);
    expect(peak / 1024).toBeLessThan(400);
  });

  it('gives one document for each line, whatever its bytes are', async () => {
    const good = accessLine(start, {});
    const zero = Buffer.from('\0\0\0\n');
    const invalid = Buffer.from(accessLine(start, { agent: 'X' })).map((byte) => (byte === 0x58 ? 0xff : byte));
    const found = await parse(
      Buffer.concat([Buffer.from(good.replace('\n', '\r\n')), zero, invalid, Buffer.from([0xff, 0xfe, 10]), Buffer.from(good)]),
    );
    expect(found.map(({ event }) => event.kind)).toEqual(['event', 'pipeline_error', 'event', 'pipeline_error', 'event']);
    expect(found[0]?.event.original).toBe(good.trimEnd());
    expect(found[2]?.user_agent?.original).toBe('\ufffd');
    expect(found.flatMap(({ gatewatch }) => gatewatch.dead_letter?.raw ?? [])).toEqual(['AAAA', '//4=']);
  });

  it('does not believe stamps from the future, and counts what a wrong clock made late', async () => {
    const future = refusedLogins(Date.now() + 86_400_000, 1);
    const late = refusedLogins(Date.UTC(2001, 0, 1), 2);
    const { code, stdout } = await gatewatch(['scan', ...own, '-'], { input: refusedLogins(start, 10) + future + late });
    expect(code).toBe(0);
    expect(stdout).toContain('13 events');
    expect(stdout).toContain('1 stamped in the future, evaluated at the time of reading');
    expect(stdout).toContain('2 late: further out of order than --grace');
    expect(stdout).toContain('10 × Refused login from 203.0.113.7 in 9s');
  });

  it('shows what an attacker wrote without obeying it', async () => {
    const hostile = '\u001b[2J\u001b]0;owned\u0007<script>alert(1)</script>\u202e';
    const log = refusedLogins(start, 10).replaceAll('curl/8.5', hostile) + accessLine(start, { user: hostile, request: `GET /${hostile}` });
    const { stdout } = await gatewatch(['scan', ...own, '-'], { input: log });
    expect(stdout).toContain('\\u001b[2J');
    expect(stdout).not.toMatch(obeyed);
    const documents = await parse(log);
    expect(documents).toHaveLength(11);
    expect(documents[0]?.user_agent?.original).toBe(hostile);
  });

  it('mails what an attacker wrote without letting it become markup, a header or a recipient', async () => {
    const smtp = await startSmtpReceiver();
    const channel = `{ type: email, to: [soc@example.org], from: gatewatch@example.org, smtp: { host: 127.0.0.1, port: ${smtp.port}, security: none } }`;
    writeFileSync(
      path('user.yml'),
      burstRule.replaceAll('source.ip', 'user.name').replaceAll('a7c00', 'a7d00').replaceAll('refused_login', 'refused_user'),
    );
    const args = configured('mailed', `alerting:\n  receivers: [{ name: oncall, channels: [${channel}] }]\n`);
    const service = await Service.start([...args, '--rules', path('user.yml')]);
    const now = Date.now() - 60_000;
    const user = 'mara\r\nBcc: thief@example.net\r\n\r\n<img src=x onerror=alert(1)>\u001b[2J\u202e"';
    const event = (at: number): string =>
      JSON.stringify({
        '@timestamp': new Date(now + at).toISOString(),
        http: { request: { method: 'POST' }, response: { status_code: 401 } },
        url: { path: '/login' },
        user: { name: user },
        user_agent: { original: '<script>alert(1)</script>' },
      });
    await post(service, service.keys().write, Array.from({ length: 10 }, (_, at) => event(at) + '\n').join(''));
    await until(
      async () => smtp.mails,
      ({ length }) => length > 0,
    );
    expect(await service.kill('SIGTERM')).toBe(0);
    await smtp.close();
    expect(smtp.mails).toMatchObject([{ to: ['soc@example.org'] }]);
    const mail = await PostalMime.parse(smtp.mails[0]!.source);
    expect(mail.headers.map(({ key }) => key)).not.toContain('bcc');
    expect(mail.subject).toContain('Many refused logins');
    expect(mail.html).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(mail.html).not.toMatch(/<img|<script/);
    for (const text of [mail.text, mail.html, mail.subject]) expect(text).not.toMatch(obeyed);
    expect(mail.text).not.toMatch(/^Bcc:/m);
  });
});

describe('a start that cannot be', () => {
  it('names file and line of a rule with a typo, and the problems of the configuration', async () => {
    writeFileSync(path('typo.yml'), pathRule('/admin').replace('url.path', 'url.path|startswiht'));
    writeFileSync(path('typo.config.yml'), 'htpp: {}\n');
    const [rule, config] = await Promise.all([
      gatewatch(['start', '--port', '0', '--data', path('never'), '--rules', path('typo.yml')]),
      gatewatch(['start', '--config', path('typo.config.yml')]),
    ]);
    expect(rule).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/typo\.yml:5 .*did you mean 'startswith'/) });
    expect(config).toMatchObject({ code: 78, stdout: '', stderr: expect.stringMatching(/typo\.config\.yml:1 .*did you mean `http`/) });
  });

  it('says that the port is taken, and by which setting to choose another', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await until(async () => other.listening, Boolean);
    const { port } = other.address() as AddressInfo;
    const { code, stdout, stderr } = await gatewatch(['start', '--port', String(port), '--data', path('busy')]);
    other.close();
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^gatewatch: .*${port}.*in use.*$`, 'm'));
    // The keys are shown at the first start that succeeds.
    const service = await Service.start(['--data', path('busy')]);
    expect(service.keys().admin).toMatch(/^gw_/);
    expect(await service.kill('SIGTERM')).toBe(0);
  });
});

describe('a running service', () => {
  let service: Service;
  let keys: Keys;
  let received = 0;
  const now = Math.floor(Date.now() / 1000) * 1000;

  beforeAll(async () => {
    service = await Service.start(configured('data'));
    keys = service.keys();
  });
  afterAll(() => service.kill('SIGTERM'));

  it('goes on when a second one is started on its data, which ends with 78', async () => {
    const { code, stdout, stderr } = await gatewatch(['start', '--port', '0', '--data', path('data')]);
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
    expect(stderr).toMatch(new RegExp(`${path('data')} is in use by another Gatewatch \\(process \\d+\\)`));
    expect((await fetch(service.url + '/health/ready')).status).toBe(200);
  });

  it('accepts nothing of a body that is truncated or too large', async () => {
    const whole = gzipSync(refusedLogins(now, 100));
    const [truncated, bomb] = [
      await post(service, keys.write, whole.subarray(0, whole.length - 20), { headers: { 'content-encoding': 'gzip' } }),
      await post(service, keys.write, endless, { gzip: true }),
    ];
    expect(truncated).toMatchObject({ status: 400, body: { type: 'urn:gatewatch:problem:body_damaged' } });
    expect(bomb).toMatchObject({ status: 413, body: { type: 'urn:gatewatch:problem:body_too_large' } });
  });

  it('keeps the beginning of a line that is too long as a dead letter', async () => {
    const answer = await post(
      service,
      keys.write,
      Buffer.concat([endless.subarray(0, 3_000_000), Buffer.from('\n' + accessLine(now, {}))]),
    );
    expect(answer).toMatchObject({ status: 202, body: { accepted: 2, cut: 1 } });
    received += 2;
    expect(await settled(service, keys, received)).toMatchObject({ stored: 1, deadLettered: 1 });
  });

  it('takes nothing from a sender that is killed in the middle of a request', async () => {
    const body = refusedLogins(now, 1000);
    const { port } = new URL(service.url);
    const head = `POST /v1/logs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${keys.write}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n`;
    const socket = connect(Number(port), '127.0.0.1');
    await new Promise<void>((resolve) => socket.write(head + body.slice(0, body.length / 2), () => resolve()));
    socket.destroy();
    // The refusal is counted when the service has noticed that the rest will not come.
    const metrics = (): Promise<string> =>
      fetch(service.url + '/metrics', { headers: { authorization: `Bearer ${keys.read}` } }).then((response) => response.text());
    await until(metrics, (text) => /refused_deliveries_total\{reason="body_incomplete"\} 1/.test(text));
    await settled(service, keys, received);
  });

  it('counts an event once however often it is sent, and says how many were repeated', async () => {
    const event = (id: number): string =>
      `{"@timestamp":"${new Date(now).toISOString()}","event":{"id":"retried-${id}"},"http":{"request":{"method":"POST"},"response":{"status_code":401}},"url":{"path":"/login"},"source":{"ip":"198.51.100.77"}}\n`;
    const batch = Array.from({ length: 9 }, (_, at) => event(at)).join('');
    const before = await settled(service, keys, received);
    for (let times = 0; times < 3; times++) expect((await post(service, keys.write, batch)).status).toBe(202);
    received += 27;
    const after = await settled(service, keys, received);
    expect([after.stored - before.stored, after.duplicate]).toEqual([9, 18]);
    expect((await service.all('/v1/signals?limit=10', keys.read)).length).toBe(0);
    // The tenth, and the window is full: no duplicate had counted.
    expect((await post(service, keys.write, event(9))).status).toBe(202);
    const [signal] = await until(
      () => service.all<{ gatewatch: object }>('/v1/signals?limit=10', keys.read),
      (all) => all.length > 0,
    );
    expect(signal).toMatchObject({ gatewatch: { signal: { count: 10 } } });
  });
});

const disk = path('disk');
mkdirSync(disk);
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256m', 'tmpfs', disk]).status === 0;
if (!mounted) process.stderr.write('SKIPPED: a full disk is only tested where a tmpfs may be mounted (as root)\n');
afterAll(() => {
  // Lazily: after a failure the service may still have files open there.
  if (mounted) spawnSync('umount', ['-l', disk]);
});

/** Writes until no byte more is accepted; the service writes at the same time, so what is free cannot be asked beforehand. */
function fillUp(file: string): void {
  for (let size = 2 ** 20; size >= 1;) {
    try {
      appendFileSync(file, Buffer.alloc(size));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      size = size >> 4;
    }
  }
}

it.skipIf(!mounted)('accepts nothing on a full disk, loses nothing, and goes on when there is room', async () => {
  let service = await Service.start(configured('disk/data'));
  const keys = service.keys();
  const now = Date.now();
  const batch = (): string => Array.from({ length: 5000 }, (_, at) => accessLine(now, { request: `GET /${at}` })).join('');
  const status = async (): Promise<number> => (await post(service, keys.write, batch())).status;
  const free = (): number => statfsSync(disk).bavail * statfsSync(disk).bsize;
  let accepted = 0;
  const send = async (): Promise<number> => {
    const answer = await status();
    if (answer === 202) accepted += 5000;
    return answer;
  };
  expect(await send()).toBe(202);
  // 64 MiB are kept for checkpoints: with a little more than that free, a few batches still fit.
  writeFileSync(path('disk/ballast'), Buffer.alloc(free() - 70 * 2 ** 20));
  await until(send, (answer) => answer !== 202);
  const refused = await post(service, keys.write, batch());
  expect(refused).toMatchObject({ status: 503, body: { type: 'urn:gatewatch:problem:log_full' } });
  // To the last byte: not even a checkpoint fits.
  fillUp(path('disk/ballast.2'));
  expect(await status()).toBe(503);
  expect((await fetch(service.url + '/health/live')).status).toBe(200);
  for (const file of ['ballast', 'ballast.2']) rmSync(path(`disk/${file}`));
  await until(send, (answer) => answer === 202);
  expect(await settled(service, keys, accepted)).toMatchObject({ stored: accepted });
  expect(await service.kill('SIGTERM')).toBe(0);
  service = await Service.start(configured('disk/data'));
  expect(await settled(service, keys, accepted)).toMatchObject({ stored: accepted });
  expect(await service.kill('SIGTERM')).toBe(0);
});
