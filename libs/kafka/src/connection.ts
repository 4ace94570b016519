import { z } from 'zod';
import { secret } from '#config';

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

const password = z.strictObject({
  mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).describe('How the user logs in.'),
  user: z.string().min(1).describe('User name.'),
  password: secret().describe('Password of the user.'),
});

const oauth = z.strictObject({
  mechanism: z
    .literal('oauthbearer')
    .describe('A token is asked for with the credentials of this client (RFC 6749, 4.4) and shown to the brokers (RFC 7628).'),
  token_url: z.string().url().describe('Where tokens are given out.'),
  client_id: z.string().min(1).describe('Name of this client there.'),
  client_secret: secret().describe('Its secret.'),
  scope: z.string().min(1).optional().describe('Scopes to ask for, with spaces between.'),
});

/** How a cluster is reached: a part of every Kafka section of the settings. */
export const connectionShape = {
  brokers: z.array(address).min(1).describe('Brokers to ask first, as host:port.'),
  tls: tls.optional().describe('Encryption; {} for the usual certificates.'),
  sasl: z.discriminatedUnion('mechanism', [password, oauth]).optional().describe('Login.'),
};

export type KafkaConnection = z.output<z.ZodObject<typeof connectionShape>>;

/** Secrets do not travel in the clear. */
export function checkLogin({ sasl, tls: encryption }: Pick<KafkaConnection, 'sasl' | 'tls'>, context: z.core.$RefinementCtx): void {
  if (encryption || (sasl?.mechanism !== 'plain' && sasl?.mechanism !== 'oauthbearer')) return;
  context.addIssue({ code: 'custom', path: ['tls'], message: `expected tls: with ${sasl.mechanism} the secret would travel in the clear` });
}
