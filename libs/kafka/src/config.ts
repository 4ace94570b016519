import { z } from 'zod';
import { duration, secret } from '#config';

const address = z.string().regex(/^[^\s:]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/, 'expected host:port');

const tls = z.strictObject({
  verify: z.boolean().default(true).describe("Whether the brokers' certificates are checked."),
  ca: z
    .string()
    .includes('-----BEGIN CERTIFICATE-----', 'expected certificates in PEM')
    .optional()
    .describe('Certificates (PEM) to trust instead of the usual ones.'),
  cert: z.string().optional().describe('Certificate (PEM) of this client, where brokers ask for one.'),
  key: secret().optional().describe('Key (PEM) of that certificate.'),
});

const sasl = z.strictObject({
  mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).describe('How the user logs in.'),
  user: z.string().min(1).describe('User name.'),
  password: secret().describe('Password of the user.'),
});

/** Topics that a source reads: a part of the settings of a source. */
export const kafkaTopicsConfig = z
  .strictObject({
    brokers: z.array(address).min(1).describe('Brokers to ask first, as host:port.'),
    topics: z
      .array(z.string().regex(/^[\w.-]{1,249}$/, 'expected a topic name: letters, digits, ".", "_" and "-"'))
      .min(1)
      .describe('Topics to read.'),
    group: z.string().min(1).max(255).default('gatewatch').describe('Consumer group. Positions are kept by Gatewatch, not by the group.'),
    begin: z
      .enum(['earliest', 'latest'])
      .default('earliest')
      .describe('Where a partition is begun that was never read: at its oldest record, or at what comes next.'),
    tls: tls.optional().describe('Encryption; {} for the usual certificates.'),
    sasl: sasl.optional().describe('Login.'),
    timeout: duration('30s', { min: '6s', max: '10m' }).describe('After how long without a sign of life this consumer is taken for gone.'),
  })
  .superRefine(({ sasl: login, tls: encryption }, context) => {
    if (login?.mechanism === 'plain' && !encryption)
      context.addIssue({ code: 'custom', path: ['tls'], message: 'expected tls: with plain the password would travel in the clear' });
  });

export type KafkaTopicsConfig = z.output<typeof kafkaTopicsConfig>;
