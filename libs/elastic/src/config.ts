import { z } from 'zod';
import { bytes, duration, httpUrl, secret } from '#config';

const tls = z
  .strictObject({
    ca_file: z.string().min(1).optional().describe('PEM file of the authority that signed the certificate of the cluster.'),
    ca_fingerprint: z
      .string()
      .regex(/^([0-9a-f]{2}:?){32}$/i, 'expected the SHA-256 fingerprint of a certificate in hexadecimal')
      .optional()
      .describe(
        'SHA-256 fingerprint of that authority, as Elasticsearch prints it at its first start. Where this machine does not know the authority, with verify: false.',
      ),
    verify: z.boolean().default(true).describe('Whether the certificate is checked. Turn it off only to try something out.'),
  })
  .prefault({});

const bulk = z
  .strictObject({
    size: bytes('4MiB').describe('Size from which a bulk request is sent.'),
    in_flight: z.int().min(1).max(16).default(4).describe('Bulk requests under way at most, over all tasks of the process.'),
    retry_for: duration('30s').describe('How long a request is tried again before the task waits in its log.'),
  })
  .prefault({});

/** The `elasticsearch:` part of the configuration file. */
export const elasticConfig = z
  .strictObject({
    nodes: z.array(httpUrl()).min(1).optional().describe('Addresses of the cluster.'),
    cloud_id: z.string().min(1).optional().describe('Cloud id instead of addresses, as Elastic Cloud shows it.'),
    api_key: secret().optional().describe('API key in its encoded form.'),
    username: z.string().min(1).optional().describe('User, where there is no API key.'),
    password: secret().optional().describe('Password of that user.'),
    tls,
    namespace: z
      .string()
      .regex(/^[a-z0-9_.]{1,60}$/, 'expected lower-case letters, digits, "." and "_", at most 60')
      .default('default')
      .describe('Last part of the names of the data streams: one cluster can hold several installations.'),
    retention: duration('90d', { min: '1d' }).describe('How long events, dead letters and closed signals are kept.'),
    shards: z.int().min(1).max(64).default(1).describe('Primary shards of each backing index of the events.'),
    refresh: duration(undefined, { min: '1s' }).optional().describe('How soon events can be found. Left out: as the cluster has it, 1 s.'),
    request_timeout: duration('30s', { min: '1s' }).describe('How long an answer may take.'),
    bulk,
  })
  .superRefine((settings, context) => {
    const wrong = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if ((settings.nodes === undefined) === (settings.cloud_id === undefined)) wrong('nodes', 'expected either nodes or cloud_id');
    if (settings.api_key && settings.username) wrong('api_key', 'expected either api_key or username, not both');
    if ((settings.username === undefined) !== (settings.password === undefined)) wrong('password', 'username and password go together');
  });

export type ElasticConfig = z.output<typeof elasticConfig>;
