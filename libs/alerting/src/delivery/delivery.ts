import type { Millis } from '#time';

/** Why an attempt did not deliver. The set is closed: it is also the label of the metric. */
export const reasons = [
  'rate_limited',
  'server_error',
  'client_error',
  'auth',
  'redirect',
  'recipient',
  'unreachable',
  'timeout',
  'tls',
  'address_refused',
  'channel_failed',
  'receiver_unknown',
] as const;
export type Reason = (typeof reasons)[number];

/**
 * What became of one attempt. `retry`: trying again can help; `rejected`: it cannot. `detail` is what the other side said, without secrets.
 * `delivery/retry.ts` alone decides what follows.
 */
export type Delivery =
  | { readonly outcome: 'delivered'; readonly detail?: string }
  | { readonly outcome: 'retry'; readonly reason: Reason; readonly after?: Millis; readonly detail?: string }
  | { readonly outcome: 'rejected'; readonly reason: Reason; readonly detail?: string };

/** Reasons that speak of the way to the receiver, not of the one message: nothing else need be tried on this way before the pause is over. */
export function concernsWholeChannel(reason: Reason): boolean {
  return reason === 'unreachable' || reason === 'timeout' || reason === 'rate_limited' || reason === 'tls';
}
