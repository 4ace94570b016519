import { ServiceError, type Counter, type Histogram, type Logger } from '#telemetry';
import type { Clock, Millis } from '#time';
import type { Channel } from '../notice.js';
import type { Attempt, Notification, Outbox } from '../outbox.js';
import { concernsWholeChannel, type Delivery, type Reason } from './delivery.js';
import { fitInto, wrap, type Parcel } from './parcels.js';
import { afterAttempt, backOff } from './retry.js';

/** What the lanes of one process share. */
export interface LaneParts {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Logger;
  readonly retryFor: Millis;
  readonly attempts: Counter;
  readonly delay: Histogram;
  /** Told before a notification is recorded as given up. */
  readonly onGivenUp: (notification: Notification, reason: Reason) => Promise<void>;
}

/** The way to one receiver by one channel: one message at a time, oldest first. */
export class Lane {
  /** Not before this is anything tried here again. */
  openAt: Millis = 0;
  busy = false;
  #failures = 0;
  /** When the messages of the last minute were delivered. */
  #sent: Millis[] = [];

  constructor(
    readonly receiver: string,
    readonly channelName: string,
    private readonly settings: { readonly channel: Channel; readonly maxPerMinute: number },
    private readonly parts: LaneParts,
  ) {}

  /** Sends what is due, in order, until it is done, the way is blocked, or `stop` is aborted; a message under way is finished. */
  async run(due: readonly Notification[], stop: AbortSignal): Promise<void> {
    const budget = this.#budget();
    const parcels = fitInto(
      budget,
      wrap(due, (id) => this.parts.outbox.notification(id)?.state === 'delivered'),
    );
    for (const parcel of parcels) {
      if (stop.aborted || this.openAt > this.parts.clock.now()) return;
      await this.#deliver(parcel, stop);
    }
    if (this.#budget() < 1) this.openAt = Math.max(this.openAt, this.#sent[0]! + 60_000);
  }

  #budget(): number {
    const minuteAgo = this.parts.clock.now() - 60_000;
    this.#sent = this.#sent.filter((at) => at > minuteAgo);
    return this.settings.maxPerMinute - this.#sent.length;
  }

  async #deliver(parcel: Parcel, stop: AbortSignal): Promise<void> {
    const { clock } = this.parts;
    const startedAt = clock.now();
    const delivery = await this.#send(parcel);
    const now = clock.now();
    this.#count(delivery, now);
    for (const notification of parcel.notifications) {
      const attempt: Attempt = {
        notification: notification.id,
        number: notification.attempts + 1,
        at: startedAt,
        outcome: delivery.outcome,
        ...(delivery.outcome !== 'delivered' && { reason: delivery.reason }),
        ...detailOf(delivery, notification, parcel),
        millis: now - startedAt,
      };
      const next = afterAttempt(notification, delivery, { now, retryFor: this.parts.retryFor });
      if (next.state === 'delivered') this.parts.delay.observe((now - notification.createdAt) / 1000);
      if (next.state === 'given_up' && delivery.outcome !== 'delivered') await this.#giveUp(next, delivery.reason, stop);
      await this.#insist('Attempt could not be recorded; trying again.', stop, () => this.parts.outbox.record(attempt, next));
    }
  }

  async #send({ notice }: Parcel): Promise<Delivery> {
    try {
      return await this.settings.channel.send(notice);
    } catch (error) {
      // A channel that throws is broken, not its receiver: the message stays, and the retries show whether it was for good.
      const code = error instanceof ServiceError ? error.code : error instanceof Error ? error.name : typeof error;
      this.parts.log.error('Channel failed.', { receiver: this.receiver, channel: this.channelName, notification: notice.id, error: code });
      return { outcome: 'retry', reason: 'channel_failed', detail: code };
    }
  }

  #count(delivery: Delivery, now: Millis): void {
    const reason = delivery.outcome === 'delivered' ? '' : delivery.reason;
    this.parts.attempts.add(1, { receiver: this.receiver, channel: this.channelName, outcome: delivery.outcome, reason });
    if (delivery.outcome === 'delivered') this.#sent.push(now);
    if (delivery.outcome !== 'retry' || !concernsWholeChannel(delivery.reason)) {
      this.#failures = 0;
      return;
    }
    this.#failures++;
    this.openAt = now + Math.max(backOff(this.#failures, `${this.receiver}/${this.channelName}`), delivery.after ?? 0);
  }

  async #giveUp(notification: Notification, reason: Reason, stop: AbortSignal): Promise<void> {
    this.parts.log.error('Notification given up.', {
      notification: notification.id,
      signal: notification.signal.id,
      rule: notification.signal.rule.id,
      receiver: this.receiver,
      channel: this.channelName,
      reason,
      attempts: notification.attempts,
    });
    await this.#insist('Fallback could not be written; trying again.', stop, () => this.parts.onGivenUp(notification, reason));
  }

  /**
   * Repeats a write until it holds. Going on without it would send the same message again and again while the disk is full. If the process is stopped
   * first, the next one repeats the message under its old id.
   */
  async #insist(message: string, stop: AbortSignal, write: () => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await write();
      } catch (error) {
        this.parts.log.error(message, {
          receiver: this.receiver,
          channel: this.channelName,
          error: error instanceof Error ? error.message : String(error),
        });
        if (stop.aborted) return;
        await this.parts.clock.sleep(backOff(attempt, this.channelName), stop);
      }
    }
  }
}

function detailOf(delivery: Delivery, { id }: Notification, { notice, notifications }: Parcel): { detail?: string } {
  const said = delivery.detail ?? '';
  const joined = notifications.length > 1 && notice.id !== id ? `told together with others in ${notice.id}` : '';
  const detail = [said, joined].filter(Boolean).join('; ').slice(0, 300);
  return detail ? { detail } : {};
}
