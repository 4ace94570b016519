import type { Signal } from '#ecs';

/** Why somebody is told: a new episode, or its end. */
export type Occasion = 'opened' | 'closed';

/** One message to one channel, written before it is sent. */
export interface Notification {
  /** hash(signal id, occasion, receiver, channel): the idempotency key, the `webhook-id`, the Message-ID. */
  readonly id: string;
  readonly signal: Signal;
  readonly occasion: Occasion;
  readonly receiver: string;
  readonly channel: string;
  readonly createdAt: number;
  readonly state: 'waiting' | 'delivered' | 'given_up';
  /** When the next attempt is due, in wall-clock milliseconds. */
  readonly dueAt: number;
  readonly attempts: number;
  /** Set on what the fallback gets: whom it stands in for, and why they could not be told. */
  readonly instead?: Undelivered;
}

/** A receiver's channel that was given up, and the reason of its last attempt. */
export interface Undelivered {
  readonly receiver: string;
  readonly channel: string;
  readonly reason: string;
}

/** One try, kept for good (until retention): the ledger. */
export interface Attempt {
  readonly notification: string;
  readonly number: number;
  readonly at: number;
  readonly outcome: 'delivered' | 'retry' | 'rejected';
  readonly reason?: string;
  /** What the other side said, without secrets: `250 OK`, `503`. At most 300 characters. */
  readonly detail?: string;
  readonly millis: number;
}

/** Notifications and attempts, durable: port with the adapter `local` (lmdb) and, later, a topic. */
export interface Outbox {
  /** Journal sequence up to which signals were turned into notifications. */
  mark(): number;
  /** Adds notifications (one that exists already is left alone) and moves the mark in one transaction. */
  add(notifications: readonly Notification[], mark: number): Promise<void>;
  /** Waiting notifications due by `now`, oldest first. */
  due(now: number, limit: number): Notification[];
  /** When the next waiting notification is due; `undefined` when none waits. */
  nextDue(): number | undefined;
  /** Records an attempt and the notification's new state in one transaction. */
  record(attempt: Attempt, notification: Notification): Promise<void>;
  notification(id: string): Notification | undefined;
  /** Newest first. */
  list(options: { state?: Notification['state']; signal?: string; limit: number }): Notification[];
  attempts(notification: string): Attempt[];
  /** Removes what was created before `before` and is not waiting. */
  prune(before: number): Promise<void>;
}
