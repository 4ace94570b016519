import { z } from 'zod';
import { duration, ipOrCidr } from '#config';

export const confidences = ['low', 'medium', 'high'] as const;
export type Confidence = (typeof confidences)[number];

const column = z.union([z.int().min(1).max(1000), z.string().min(1).max(256)]);

const feed = z.strictObject({
  name: z.string().min(1).max(64).describe('threat.indicator.provider of what is found.'),
  file: z
    .string()
    .min(1)
    .max(4096)
    .describe('Lines that begin with an address, network or range; CSV; or a STIX 2.1 bundle. Read again when it changes.'),
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
