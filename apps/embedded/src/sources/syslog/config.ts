import { isIP } from 'node:net';
import { z } from 'zod';
import { bytes, duration, ipOrCidr, port } from '#config';

const listener = {
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on. Anything but loopback also needs `allow_public`.'),
  allow_public: z
    .boolean()
    .default(false)
    .describe('Lets senders of other machines in. Whoever reaches the port may then write into the log of this source.'),
  allow: z.array(ipOrCidr()).min(1).optional().describe('Addresses and networks of senders; others are refused and counted. Absent: all.'),
};

const stream = {
  ...listener,
  framing: z
    .enum(['auto', 'octets', 'lines'])
    .default('auto')
    .describe(
      'How messages are told apart (RFC 6587): a length before each, or a newline behind each. auto: by the first message of each connection.',
    ),
  max_connections: z.int().min(1).max(10_000).default(256).describe('Open connections; more are refused and counted.'),
  idle_timeout: duration('30m', { min: '10ms', max: '24h' }).describe('A connection that is silent for so long is closed.'),
};

const portOf = (standard: number): z.ZodDefault<z.ZodInt> => port({ orAny: true }).default(standard);

const udp = z
  .strictObject({
    ...listener,
    port: portOf(5514).describe('Port to listen on; 0 takes a free one.'),
    queue: bytes('16MiB', { min: '64KiB', max: '1GiB' }).describe(
      'Messages that may wait for the log; above it they are dropped and counted.',
    ),
    receive_buffer: bytes('4MiB', { min: '64KiB', max: '256MiB' }).describe(
      'Buffer to ask the kernel for; it gives no more than net.core.rmem_max.',
    ),
  })
  .superRefine(onlyLoopback);

const tcp = z.strictObject({ ...stream, port: portOf(5514).describe('Port to listen on; 0 takes a free one.') }).superRefine(onlyLoopback);

const tls = z
  .strictObject({
    ...stream,
    port: portOf(6514).describe('Port to listen on; 0 takes a free one.'),
    certificate: z
      .string()
      .min(1)
      .describe('File with the certificate of this listener and those between it and the root (PEM). Read again when it changes.'),
    key: z.string().min(1).describe('File with the private key of that certificate (PEM, without a passphrase).'),
    client_ca: z
      .string()
      .min(1)
      .optional()
      .describe('File with the authorities (PEM) one of which must have signed the certificate of a sender. Absent: senders need none.'),
  })
  .superRefine(onlyLoopback);

/** Where a source listens for syslog: a part of the settings of a source. */
export const syslogConfig = z
  .strictObject({
    udp: udp.optional().describe('Listens for datagrams (RFC 5426). Whoever cannot bear a loss uses tcp or tls; {} for the defaults.'),
    tcp: tcp.optional().describe('Listens for connections (RFC 6587); {} for the defaults.'),
    tls: tls.optional().describe('Listens for encrypted connections (RFC 5425).'),
  })
  .refine(({ udp: one, tcp: two, tls: three }) => one ?? two ?? three, { error: 'expected at least one of udp, tcp and tls' });

export type SyslogConfig = z.output<typeof syslogConfig>;
export type UdpConfig = z.output<typeof udp>;
export type TcpConfig = z.output<typeof tcp>;
export type TlsConfig = z.output<typeof tls>;

function onlyLoopback({ host, allow_public: allowed }: { host: string; allow_public: boolean }, context: z.RefinementCtx): void {
  if (allowed || host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))) return;
  context.addIssue({
    code: 'custom',
    path: ['host'],
    message: `expected an address of this machine alone, such as 127.0.0.1, or allow_public: true if others may send`,
  });
}
