import { z } from 'zod';
import { blocks, duration, secret } from '#config';
import { Secret } from '#telemetry';
import { channelName } from '../define.js';
import { isLoopbackName } from './address-guard.js';

type Check = (text: string) => string | undefined;

/** A secret with a check of its own. It is registered as what it is once more, since a refined schema is a new one. */
function checkedSecret(meaning: string, check: Check): ReturnType<typeof secret> {
  const plain = secret();
  const refined = plain
    .superRefine((value, context) => {
      const message = check(value.reveal());
      if (message) context.addIssue({ code: 'custom', message });
    })
    .describe(meaning);
  return refined.register(blocks, blocks.get(plain)!);
}

/** 24 to 64 bytes in base64 after `whsec_`, as Standard Webhooks asks (specification 1.0, "Signature scheme"). */
function checkKey(text: string): string | undefined {
  const bytes = Buffer.from(text.slice(6), 'base64').length;
  if (text.startsWith('whsec_') && /^[A-Za-z0-9+/]+={0,2}$/.test(text.slice(6)) && bytes >= 24 && bytes <= 64) return undefined;
  return 'expected "whsec_" and 24 to 64 random bytes in base64; make one with: echo whsec_$(openssl rand -base64 32)';
}

function checkAddress(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return 'expected an address such as https://example.com/hook';
  return url.username || url.password ? 'must not hold a user or password; put a key into "headers"' : undefined;
}

const reserved = /^(host|content-length|content-type|transfer-encoding|connection|upgrade|te|trailer|expect|user-agent|webhook-.*)$/i;

export const webhookConfig = z
  .strictObject({
    type: z.literal('webhook').describe('Posts a signed JSON document (Standard Webhooks).'),
    name: channelName,
    url: checkedSecret(
      'Where to post. https, unless it is this machine or "allow_http" is set. Kept secret: many services put a key into the path.',
      checkAddress,
    ),
    secret: checkedSecret('Key of the signature: "whsec_" and 24 to 64 bytes in base64.', checkKey),
    previous_secret: checkedSecret(
      'The key that is being replaced: both sign until every receiver knows the new one.',
      checkKey,
    ).optional(),
    headers: z
      .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9a-z-]+$/i, 'expected a header name'), secret())
      .default({})
      .describe('Further request headers, such as "authorization". Their values are never printed.'),
    timeout: duration('10s', { max: '5m' }).describe('How long one attempt may take in all.'),
    allow_private: z.boolean().default(false).describe('Lets the address lie on this machine or in a private network.'),
    allow_http: z.boolean().default(false).describe('Lets the message travel unencrypted.'),
  })
  .superRefine(({ url, headers, allow_http: allowHttp }, context) => {
    for (const [name, value] of Object.entries(headers)) {
      if (reserved.test(name))
        context.addIssue({ code: 'custom', path: ['headers', name], message: `"${name}" is set by the service itself` });
      if (/[^\t\x20-\x7e]/.test(value.reveal()))
        context.addIssue({ code: 'custom', path: ['headers', name], message: 'expected printable ASCII' });
    }
    if (!(url instanceof Secret) || !URL.canParse(url.reveal())) return;
    const { protocol, hostname } = new URL(url.reveal());
    if (protocol === 'https:' || allowHttp || isLoopbackName(hostname)) return;
    context.addIssue({ code: 'custom', path: ['url'], message: 'expected https; "allow_http: true" lets the message travel unencrypted' });
  });
export type WebhookConfig = z.output<typeof webhookConfig>;
