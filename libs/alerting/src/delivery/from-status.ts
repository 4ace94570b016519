import type { Millis } from '#time';
import type { Delivery } from './delivery.js';

/** What an HTTP status means for a delivery (RFC 9110, 15): one table for all channels that speak HTTP. */
export function fromStatus(status: number, retryAfter?: Millis): Delivery {
  if (status >= 200 && status < 300) return { outcome: 'delivered' };
  if (status === 429) return { outcome: 'retry', reason: 'rate_limited', after: retryAfter };
  if (status === 408 || status === 425) return { outcome: 'retry', reason: 'timeout', after: retryAfter };
  if (status >= 500) return { outcome: 'retry', reason: 'server_error', after: retryAfter };
  if (status >= 300 && status < 400) return { outcome: 'rejected', reason: 'redirect' };
  return { outcome: 'rejected', reason: status === 401 || status === 403 || status === 407 ? 'auth' : 'client_error' };
}

/** Reads `Retry-After` (RFC 9110, 10.2.3): seconds or a date. Anything else, and a moment that is past, is `undefined`. */
export function parseRetryAfter(header: string | undefined, now: Millis): Millis | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return wait > 0 ? wait : undefined;
}
