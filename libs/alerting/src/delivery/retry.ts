import type { Millis } from '#time';
import type { Notification } from '../outbox.js';
import { hashOf } from '../notification-id.js';
import type { Delivery } from './delivery.js';

const firstPause: Millis = 1000;
const longestPause: Millis = 15 * 60_000;
/** Nobody may postpone us for longer, whatever his Retry-After says. */
const longestRetryAfter: Millis = 24 * 3_600_000;

/**
 * Pause before the attempt after the `attempt`-th: 1 s, 2 s, 4 s … 15 min, each moved by up to a fifth either way so that receivers that failed
 * together do not come back together. The jitter is derived from `seed`: the same notification waits the same time in every run.
 */
export function backOff(attempt: number, seed: string): Millis {
  const pause = Math.min(firstPause * 2 ** Math.min(attempt - 1, 30), longestPause);
  const draw = parseInt(hashOf([seed, String(attempt)]).slice(0, 8), 16) / 0xffffffff;
  return Math.round(pause * (0.8 + 0.4 * draw));
}

/** The one place that decides what follows from an attempt that ended at `now`. */
export function afterAttempt(
  notification: Notification,
  delivery: Delivery,
  { now, retryFor }: { now: Millis; retryFor: Millis },
): Notification {
  const attempts = notification.attempts + 1;
  if (delivery.outcome === 'delivered') return { ...notification, attempts, state: 'delivered' };
  if (delivery.outcome === 'rejected') return { ...notification, attempts, state: 'given_up' };
  const asked = Math.min(delivery.after ?? 0, longestRetryAfter);
  const dueAt = now + Math.max(backOff(attempts, notification.id), asked);
  // The last attempt is made when the time is up, not skipped because the back-off would overshoot it.
  const end = notification.createdAt + retryFor;
  if (now >= end) return { ...notification, attempts, state: 'given_up' };
  return { ...notification, attempts, dueAt: asked ? dueAt : Math.min(dueAt, end) };
}
