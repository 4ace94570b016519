import { z } from 'zod';
import { duration } from '#config';

const domain = z.string().regex(/^[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+$/i, { error: 'expected a domain such as crawl.example.org' });

const crawler = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, { error: 'expected lower-case letters, digits, - and _' })
      .describe('gatewatch.source.crawler of its claims. The name of a shipped one changes that one.'),
    claims: z
      .array(z.string().min(3).max(64))
      .max(20)
      .default([])
      .describe('What it calls itself in the user agent, without case; its name, or what is shipped, if there are none.'),
    domains: z
      .array(domain)
      .max(20)
      .default([])
      .describe('Domains that the names of its addresses end in; what is shipped if there are none.'),
    ranges: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('File of its networks as the operator publishes them (JSON with "prefixes"), or a line each. Read again when it changes.'),
  })
  .superRefine(({ claims }, context) => {
    claims.forEach((claim, nth) => {
      if (claim.trim().length < 3)
        context.addIssue({ code: 'custom', path: ['claims', nth], message: 'expected at least three characters' });
    });
  });

const server = z.string().regex(/^(?:[0-9.]{7,15}(?::\d{1,5})?|[0-9a-f:]{2,45}|\[[0-9a-f:]{2,45}\]:\d{1,5})$/i, {
  error: 'expected an address such as 9.9.9.9, 127.0.0.1:5353 or [2001:db8::1]:53',
});

export const verifiedBotsConfig = z
  .strictObject({
    answers: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe(
        'File that keeps what name servers said. With it the names of addresses that claim to be crawlers are looked up, beside the stream: the name servers learn these addresses. A file for each process.',
      ),
    servers: z.array(server).max(8).default([]).describe('Name servers to ask; those of the machine if there are none.'),
    timeout: duration('2s', { min: '100ms', max: '30s' }).describe('How long one question may take; it is asked twice.'),
    keep: duration('7d', { min: '1m', max: '90d' }).describe('How long a verified address holds.'),
    keep_spoofed: duration('1d', { min: '1m', max: '90d' }).describe('How long a spoofed one holds.'),
    retry: duration('10m', { min: '1s', max: '1d' }).describe('When an address is looked up again about which nobody answered.'),
    max_addresses: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(20_000)
      .describe('Answers kept; three quarters of them at most spoofed ones. What is above is unknown until others have run out.'),
    crawlers: z.array(crawler).max(100).default([]).describe('Crawlers besides those that are shipped, or changes of these.'),
  })
  .optional()
  .describe('Whether those who call themselves crawlers are: gatewatch.source.crawler and gatewatch.source.crawler_verdict.');
export type VerifiedBotsConfig = NonNullable<z.infer<typeof verifiedBotsConfig>>;
