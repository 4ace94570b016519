import { Webhook } from 'standardwebhooks';
import { signalDocument, type JsonObject } from '#ecs';
import { late, withDeadline } from '../../delivery/deadline.js';
import type { Delivery, Reason } from '../../delivery/delivery.js';
import { fromStatus, parseRetryAfter } from '../../delivery/from-status.js';
import { withoutSecrets } from '../../delivery/secrets.js';
import type { Channel, ChannelParts, Notice, SignalNotice } from '../../notice.js';
import { defineChannel } from '../define.js';
import type { Resolver } from './address-guard.js';
import { webhookConfig, type WebhookConfig } from './config.js';
import { post, type Answer } from './post.js';

/** Posts notices as Standard Webhooks: https://www.standardwebhooks.com, specification 1.0. */
export const webhook = defineChannel(webhookConfig, (config, parts) => webhookChannel(config, parts));

/** As {@link webhook}, with a resolver of names for tests. */
export function webhookChannel(config: WebhookConfig, parts: ChannelParts, resolve?: Resolver): Channel {
  const url = new URL(config.url.reveal());
  const keys = [config.secret, ...(config.previous_secret ? [config.previous_secret] : [])];
  const signers = keys.map((key) => new Webhook(key.reveal()));
  const extra = Object.fromEntries(Object.entries(config.headers).map(([name, value]) => [name, value.reveal()]));
  const secrets = secretsOf(url, [...keys.map((key) => key.reveal()), ...Object.values(extra)]);

  return {
    async send(notice) {
      const body = JSON.stringify(bodyOf(notice, parts.baseUrl));
      const now = new Date(parts.clock.now());
      const headers = {
        ...extra,
        'content-type': 'application/json',
        'user-agent': 'gatewatch',
        'webhook-id': notice.id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
        // Several signatures are separated by spaces; a receiver accepts if any is right: so keys are changed without a gap.
        'webhook-signature': signers.map((signer) => signer.sign(notice.id, now, body)).join(' '),
      };
      try {
        const answer = await withDeadline(parts.clock, config.timeout, (signal) =>
          post({ url, headers, body, allowPrivate: config.allow_private, signal, ...(resolve && { resolve }) }),
        );
        if (answer === late) return { outcome: 'retry', reason: 'timeout', detail: 'no answer in time' };
        return judge(answer, { secrets, now: parts.clock.now() });
      } catch (error) {
        return failure(error, secrets);
      }
    },
  };
}

/** Path and query often hold a key; each piece long enough to be one is kept out of logs and ledger. */
function secretsOf(url: URL, others: readonly string[]): string[] {
  const pieces = [...url.pathname.split('/'), ...url.searchParams.values()].filter((piece) => piece.length >= 8);
  const whole = url.pathname.length > 1 ? [url.href, url.pathname + url.search] : [];
  const bare = others.map((secret) => secret.replace(/^(whsec_|Bearer |Basic )/, ''));
  return [...whole, ...pieces, ...pieces.map(decoded), ...others, ...bare].sort((a, b) => b.length - a.length);
}

function decoded(piece: string): string {
  try {
    return decodeURIComponent(piece);
  } catch {
    // Not percent-encoded: then it has no second form.
    return piece;
  }
}

function judge({ status, retryAfter, text }: Answer, { secrets, now }: { secrets: readonly string[]; now: number }): Delivery {
  const delivery = fromStatus(status, parseRetryAfter(retryAfter, now));
  return { ...delivery, detail: withoutSecrets(`${status} ${text}`, secrets) };
}

const reasonOfCode: Readonly<Record<string, Reason>> = {
  EADDRREFUSED: 'address_refused',
  ETIMEDOUT: 'timeout',
  EPROTO: 'tls',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls',
  CERT_HAS_EXPIRED: 'tls',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls',
};

function failure(error: unknown, secrets: readonly string[]): Delivery {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = (code !== undefined && reasonOfCode[code]) || 'unreachable';
  const detail = withoutSecrets(message, secrets);
  // A name that points into a private network today may have been repaired tomorrow, but nobody should wait 72 hours to hear of it.
  return reason === 'address_refused' ? { outcome: 'rejected', reason, detail } : { outcome: 'retry', reason, detail };
}

/** The body: `type`, `timestamp` and `data`, as Standard Webhooks recommends. The same notice has the same body in every attempt. */
export function bodyOf(notice: Notice, baseUrl: string): JsonObject {
  const timestamp = new Date(notice.at).toISOString();
  if (notice.kind === 'signal') return { type: `signal.${notice.occasion}`, timestamp, data: dataOf(notice, baseUrl) };
  const signals = notice.entries.map((entry) => ({ type: `signal.${entry.occasion}`, ...dataOf(entry, baseUrl) }));
  return { type: 'signal.digest', timestamp, data: { count: signals.length, signals } };
}

function dataOf({ signal, instead }: SignalNotice, baseUrl: string): JsonObject {
  const document = signalDocument(signal);
  // ECS has a field for the place where an alert can be looked at.
  document['event'] = { ...(document['event'] as JsonObject), url: `${baseUrl}/v1/signals/${encodeURIComponent(signal.id)}` };
  return instead ? { ...document, gatewatch: { ...(document['gatewatch'] as JsonObject), instead: { ...instead } } } : document;
}
