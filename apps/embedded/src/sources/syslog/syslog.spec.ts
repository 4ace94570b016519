import { createSocket } from 'node:dgram';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { createMetrics, silentLogger } from '#telemetry';
import { MemoryRecordLog, selfSigned } from '#testkit';
import { systemClock } from '#time';
import { syslogConfig } from './config.js';
import { dropsIn, hexAddress } from './kernel-drops.js';
import { admits } from './senders.js';
import { SyslogSource } from './syslog.js';

const dir = mkdtempSync(join(tmpdir(), 'gatewatch-syslog-'));
const [certificate, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
writeFileSync(certificate, selfSigned.cert);
writeFileSync(key, selfSigned.key);

interface Running {
  readonly source: SyslogSource;
  readonly log: MemoryRecordLog;
  /** Port by transport. */
  readonly ports: Readonly<Record<string, number>>;
  stop(): Promise<void>;
}
const open: Running[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.stop();
});

async function listening(config: unknown, room: () => Promise<void> = () => Promise.resolve()): Promise<Running> {
  const log = new MemoryRecordLog();
  const source = new SyslogSource(
    { source: 'edge', config: syslogConfig.parse(config) },
    { log, clock: systemClock, logger: silentLogger, metrics: createMetrics({ process: false }), room },
  );
  const ports = Object.fromEntries((await source.listen()).map((place) => [place.split(' ')[0], Number(/\d+$/.exec(place)![0])]));
  const stop = new AbortController();
  const running = source.run(stop.signal);
  const made = { source, log, ports, stop: () => (stop.abort(), running) };
  open.push(made);
  return made;
}

/** Waits for what other parts of this process do; nothing here depends on how long that takes. */
async function until(good: () => boolean): Promise<void> {
  while (!good()) await new Promise((resolve) => setImmediate(resolve));
}

function send(port: number, ...texts: string[]): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  for (const text of texts) socket.write(text);
  return socket;
}

describe('syslog', () => {
  it('over UDP is one record a datagram, newlines within it escaped', async () => {
    const { log, ports, source } = await listening({ udp: { port: 0 } });
    const socket = createSocket('udp4');
    for (const text of ['<13>a', '<13>b\n<13>c', '\n']) socket.send(text, ports['udp'], '127.0.0.1');
    await until(() => log.lines().length === 2);
    socket.close();
    expect([log.lines(), source.facts().received]).toEqual([['<13>a', '<13>b#012<13>c'], 2]);
  });

  it('over TCP comes with lengths or newlines, each connection for itself', async () => {
    const { log, ports } = await listening({ tcp: { port: 0 } });
    send(ports['tcp']!, '5 <13>a5 <1', '3>b').end();
    send(ports['tcp']!, '<13>c\n<13>d').end();
    await until(() => log.lines().length === 4);
    expect(log.lines().sort()).toEqual(['<13>a', '<13>b', '<13>c', '<13>d']);
  });

  it('over TLS needs the certificate of a sender where an authority is named', async () => {
    const { log, ports, source } = await listening({ tls: { port: 0, certificate, key, client_ca: certificate } });
    const stranger = connectTls({ port: ports['tls']!, ca: selfSigned.cert, host: 'localhost' });
    stranger.on('error', () => undefined).write('5 <13>x');
    await until(() => source.facts().refused['tls'] === 1);
    const known = connectTls({ port: ports['tls']!, host: 'localhost', ca: selfSigned.cert, cert: selfSigned.cert, key: selfSigned.key });
    known.end('5 <13>a');
    await until(() => log.lines().length === 1);
    expect([log.lines(), source.facts().refused]).toEqual([['<13>a'], { tls: 1 }]);
  });

  it('does not read connections while the log is behind, and loses nothing', async () => {
    let [open, full]: [() => void, boolean] = [() => undefined, true];
    const room = new Promise<void>((resolve) => (open = resolve)).then(() => void (full = false));
    const { log, ports, source } = await listening({ tcp: { port: 0 } }, () => (full ? room : Promise.resolve()));
    const line = `<13>${'x'.repeat(995)}\n`;
    const socket = send(ports['tcp']!, line.repeat(60_000));
    await until(() => source.facts().received > 4000);
    const taken = source.facts().received;
    expect(taken).toBeLessThan(30_000);
    open();
    socket.end();
    await until(() => log.end() === 60_000);
    expect(source.facts()).toMatchObject({ received: 60_000, dropped: {} });
  });

  it('counts datagrams that found the queue full', async () => {
    const { ports, source } = await listening({ udp: { port: 0, queue: '64KiB' } }, () => new Promise(() => undefined));
    const socket = createSocket('udp4');
    for (let i = 0; i < 9; i++) socket.send(Buffer.alloc(10_000, 120), ports['udp'], '127.0.0.1');
    await until(() => source.facts().received === 6 && source.facts().dropped['queue'] === 3);
    socket.close();
  });

  it('ends connections that are too many, idle, not allowed or without framing', async () => {
    const few = await listening({ tcp: { port: 0, max_connections: 1 } });
    send(few.ports['tcp']!, '<13>a\n');
    await until(() => few.source.facts().connections === 1);
    send(few.ports['tcp']!);
    await until(() => few.source.facts().refused['too_many'] === 1);

    const strict = await listening({ tcp: { port: 0, allow: ['192.0.2.0/24'] } });
    send(strict.ports['tcp']!, '<13>a\n');
    await until(() => strict.source.facts().refused['sender'] === 1);
    expect(strict.source.facts().received).toBe(0);

    const idle = await listening({ tcp: { port: 0, idle_timeout: '30ms' } });
    send(idle.ports['tcp']!, '8 <13>a');
    await until(() => idle.source.facts().unfinished === 1);
    expect(idle.source.facts()).toMatchObject({ received: 1, refused: { idle: 1 } });

    const damaged = await listening({ tcp: { port: 0 } });
    send(damaged.ports['tcp']!, '5 <13>a<13>b\n');
    await until(() => damaged.log.lines().length === 2);
    expect([damaged.log.lines(), damaged.source.facts().refused]).toEqual([['<13>a', '<13>b'], { framing: 1 }]);
  });

  it('appends what came before the end, though the log was behind', async () => {
    const made = await listening({ tcp: { port: 0 } }, () => new Promise(() => undefined));
    send(made.ports['tcp']!, '<13>a\n<13>b');
    await until(() => made.source.facts().received === 1);
    await made.stop();
    expect(made.log.lines()).toEqual(['<13>a', '<13>b']);
  });

  it('says which port is taken, and what a certificate lacks', async () => {
    const { ports } = await listening({ tcp: { port: 0 } });
    await expect(listening({ tcp: { port: ports['tcp'] } })).rejects.toThrow(
      /in use by another program.*set another port \(source "edge", syslog\.tcp\)/,
    );
    await expect(listening({ tls: { port: 0, certificate: key, key } })).rejects.toThrow(/do not fit/);
    await expect(listening({ tls: { port: 0, certificate: join(dir, 'none'), key } })).rejects.toThrow(/cannot be read/);
  });

  it('listens beyond this machine only when that was said', () => {
    expect(syslogConfig.safeParse({ udp: { host: '0.0.0.0' } }).error?.issues[0]?.path).toEqual(['udp', 'host']);
    expect(syslogConfig.safeParse({ udp: { host: '0.0.0.0', allow_public: true } }).success).toBe(true);
    expect(syslogConfig.safeParse({}).success).toBe(false);
  });
});

describe('what the kernel tells', () => {
  it('is found by the local address of the socket', () => {
    const table =
      '  sl  local_address rem_address\n  12: 0100007F:1582 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 1 2 0 17\n';
    expect(dropsIn(table, `${hexAddress('127.0.0.1', false)}:1582`)).toBe(17);
    expect([hexAddress('::1', true), hexAddress('::', true)]).toEqual(['00000000000000000000000001000000', '0'.repeat(32)]);
    expect(dropsIn(table, 'x')).toBeUndefined();
  });
});

describe('senders', () => {
  it('are known by address or network, IPv4 within IPv6 too', () => {
    const admitted = admits(['192.0.2.0/24', '2001:db8::/32', '198.51.100.7']);
    expect(['::ffff:192.0.2.7', '2001:db8::1', '198.51.100.7', '198.51.100.8', undefined].map(admitted)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
