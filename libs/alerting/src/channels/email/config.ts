import { isIP } from 'node:net';
import { z } from 'zod';
import { duration, port, secret } from '#config';
import { channelName } from '../define.js';

const defaultPorts = { starttls: 587, tls: 465, none: 25 } as const;

const tls = z.strictObject({
  verify: z.boolean().default(true).describe("Whether the server's certificate is checked. Turn it off only to find out what is wrong."),
  ca: z
    .string()
    .includes('-----BEGIN CERTIFICATE-----', 'expected certificates in PEM')
    .optional()
    .describe('Certificates (PEM) to trust instead of the usual ones.'),
  server_name: z.string().optional().describe("Name in the server's certificate, where it differs from the host."),
});

export const smtpConfig = z
  .strictObject({
    host: z.hostname().or(z.ipv4()).or(z.ipv6()).describe('Name or address of the mail server.'),
    port: port().optional().describe('Port; 587 for starttls, 465 for tls, 25 for none.'),
    security: z
      .enum(['starttls', 'tls', 'none'])
      .default('starttls')
      .describe(
        'starttls: the server must offer encryption, else nothing is sent; tls: encrypted from the first byte; none: in the clear.',
      ),
    user: z.string().min(1).optional().describe('User name, where the server asks for one.'),
    password: secret().optional().describe('Password of the user.'),
    timeout: duration('20s', { max: '10m' }).describe(
      'How long the server may be silent; one attempt takes at most three times as long in all.',
    ),
    tls: tls.prefault({}).describe('Details of the encryption.'),
  })
  .superRefine(({ host, user, password, security }, context) => {
    if ((user === undefined) !== (password === undefined))
      context.addIssue({ code: 'custom', path: ['password'], message: 'user and password go together; give both or none' });
    if (password && security === 'none' && !isLocal(host)) {
      context.addIssue({
        code: 'custom',
        path: ['security'],
        message: 'expected "starttls" or "tls": a password would travel in the clear',
      });
    }
  })
  .transform((smtp) => ({ ...smtp, port: smtp.port ?? defaultPorts[smtp.security] }));

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

export const emailConfig = z.strictObject({
  type: z.literal('email').describe('Sends mail by SMTP.'),
  name: channelName,
  to: z.array(z.email()).min(1).max(50).describe('Who is told.'),
  from: z.email().describe('Sender, on the envelope and in the mail.'),
  from_name: z
    .string()
    .max(60)
    .regex(/^[^\p{C}<>"]*$/u, 'expected plain text')
    .default('Gatewatch')
    .describe("Sender's name."),
  smtp: smtpConfig.describe('The mail server.'),
});
export type EmailConfig = z.output<typeof emailConfig>;
