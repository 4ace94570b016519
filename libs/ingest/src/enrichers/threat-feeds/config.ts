import { z } from 'zod';
import { bytes, duration, httpUrl, ipOrCidr, secret } from '#config';

export const confidences = ['low', 'medium', 'high'] as const;
export type Confidence = (typeof confidences)[number];

const column = z.union([z.int().min(1).max(1000), z.string().min(1).max(256)]);

const pull = z
  .strictObject({
    url: httpUrl().describe('Where the feed is; with collection, the API root of a TAXII 2.1 server.'),
    collection: z.string().min(1).max(256).optional().describe('Id of a TAXII 2.1 collection.'),
    every: duration('1h', { min: '1m', max: '30d' }).describe('How often it is asked for.'),
    user: z.string().min(1).max(256).optional().describe('User for Basic authentication.'),
    password: secret().optional().describe('Its password.'),
    token: secret().optional().describe('Bearer token, instead of user and password.'),
    max_size: bytes('64MiB', { min: '1KiB', max: '256MiB' }).describe('Larger feeds are refused.'),
    insecure: z.boolean().default(false).describe('Also without TLS: whoever is on the way can then write the feed and read the password.'),
  })
  .superRefine(({ url, insecure, user, password, token }, context) => {
    const wrong = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (!insecure && url.startsWith('http:')) wrong('url', 'expected an https URL, or `insecure: true`');
    if (token && (user !== undefined || password)) wrong('token', 'expected either a token, or user and password');
    if ((user === undefined) !== (password === undefined)) wrong('password', 'expected user and password together');
  });
export type PullConfig = z.infer<typeof pull>;

const feed = z.strictObject({
  name: z.string().min(1).max(64).describe('threat.indicator.provider of what is found.'),
  file: z
    .string()
    .min(1)
    .max(4096)
    .describe(
      'Lines that begin with an address, network or range; CSV; or a STIX 2.1 bundle. Read again when it changes. With pull it is written by Gatewatch.',
    ),
  pull: pull.optional().describe('Where the file comes from. Without it somebody else writes it.'),
  column: column.optional().describe('Column of a CSV that holds the address: its number from 1 on, or its name in the first row.'),
  confidence: z.enum(confidences).default('medium').describe('How sure its entries are, where they do not say so.'),
  expires: duration('30d', { min: '1h' }).describe('How long an entry holds after the file was last changed, where it does not say so.'),
});
export type FeedConfig = z.infer<typeof feed>;

export const feedsConfig = z.array(feed).max(100).default([]).describe('Threat feeds: files of addresses that others found to be bad.');

export const feedAllowConfig = z
  .array(ipOrCidr())
  .default([])
  .describe('Addresses and networks that no feed is believed about: your own, your partners’, those of search engines.');
