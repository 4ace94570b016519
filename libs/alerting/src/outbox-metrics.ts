import type { Metrics } from '#telemetry';
import type { Clock } from '#time';
import type { Outbox } from './outbox.js';

export interface OutboxMetricsParts {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** Waiting notifications that are looked at: beyond this the number says "many", which is enough. */
const most = 1000;

/**
 * Gives a function that brings `alerting_outbox_waiting` and `alerting_outbox_oldest_seconds` up to date: called when somebody asks for the metrics.
 * The age is that of the notification, not of its next attempt: a mail server that refuses for an hour shows as an hour.
 */
export function outboxMetrics({ outbox, clock, metrics }: OutboxMetricsParts): () => void {
  const waiting = metrics.gauge('alerting_outbox_waiting', `Notifications that are not delivered yet, at most ${most}.`);
  const oldest = metrics.gauge('alerting_outbox_oldest_seconds', 'Age of the oldest of them; 0 when none waits.');
  return () => {
    const found = outbox.due(Number.MAX_SAFE_INTEGER, most);
    const since = found.reduce((least, { createdAt }) => Math.min(least, createdAt), Infinity);
    waiting.set(found.length);
    oldest.set(found.length ? Math.max(0, clock.now() - since) / 1000 : 0);
  };
}
