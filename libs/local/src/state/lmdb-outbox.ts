import type { Database } from 'lmdb';
import type { Attempt, Notification, Outbox } from '#alerting';
import type { Committer } from './committer.js';

type State = Notification['state'];

/** Notifications and their attempts in lmdb, with an index of those that wait by when they are due and one of all by age. */
export class LmdbOutbox implements Outbox {
  readonly #notifications: Database<Notification, string>;
  readonly #due: Database<true, [dueAt: number, id: string]>;
  readonly #age: Database<true, [createdAt: number, id: string]>;
  readonly #attempts: Database<Attempt, [notification: string, number: number]>;
  readonly #numbers: Database<number, string>;

  constructor(private readonly committer: Committer) {
    this.#notifications = committer.database('outbox.notifications', 'json');
    this.#due = committer.database('outbox.due', 'json');
    this.#age = committer.database('outbox.age', 'json');
    this.#attempts = committer.database('outbox.attempts', 'json');
    this.#numbers = committer.database('outbox.numbers', 'json');
  }

  mark(): number {
    return this.#numbers.get('mark') ?? 0;
  }

  add(notifications: readonly Notification[], mark: number): Promise<void> {
    return this.committer.commit({
      write: () => {
        for (const notification of notifications) if (!this.#notifications.doesExist(notification.id)) this.#put(notification);
        this.#numbers.putSync('mark', mark);
      },
    });
  }

  due(now: number, limit: number): Notification[] {
    const ids = [...this.#due.getKeys({ end: [now + 1, ''], limit })].map(([, id]) => id);
    return ids.flatMap((id) => this.#notifications.get(id) ?? []);
  }

  nextDue(): number | undefined {
    for (const [dueAt] of this.#due.getKeys({ limit: 1 })) return dueAt;
    return undefined;
  }

  record(attempt: Attempt, notification: Notification): Promise<void> {
    return this.committer.commit({
      write: () => {
        this.#attempts.putSync([attempt.notification, attempt.number], attempt);
        this.#put(notification);
      },
    });
  }

  notification(id: string): Notification | undefined {
    return this.#notifications.get(id);
  }

  list({ state, signal, limit }: { state?: State; signal?: string; limit: number }): Notification[] {
    const found: Notification[] = [];
    for (const [, id] of this.#age.getKeys({ reverse: true })) {
      if (found.length >= limit) break;
      const notification = this.#notifications.get(id);
      if (!notification || (state !== undefined && notification.state !== state)) continue;
      if (signal === undefined || notification.signal.id === signal) found.push(notification);
    }
    return found;
  }

  attempts(notification: string): Attempt[] {
    return [...this.#attempts.getRange({ start: [notification, 0], end: [notification, Infinity] })].map(({ value }) => value);
  }

  prune(before: number): Promise<void> {
    return this.committer.commit({
      write: () => {
        for (const [createdAt, id] of [...this.#age.getKeys({ end: [before, ''] })]) {
          if (this.#notifications.get(id)?.state === 'waiting') continue;
          this.#notifications.removeSync(id);
          this.#age.removeSync([createdAt, id]);
          for (const key of [...this.#attempts.getKeys({ start: [id, 0], end: [id, Infinity] })]) this.#attempts.removeSync(key);
        }
      },
    });
  }

  #put(notification: Notification): void {
    const before = this.#notifications.get(notification.id);
    if (before?.state === 'waiting') this.#due.removeSync([before.dueAt, before.id]);
    this.#notifications.putSync(notification.id, notification);
    this.#age.putSync([notification.createdAt, notification.id], true);
    if (notification.state === 'waiting') this.#due.putSync([notification.dueAt, notification.id], true);
  }
}
