import type { Attempt, Notification, Outbox } from '#alerting';

/**
 * The outbox in memory. What it keeps goes through JSON, as on disk; `reopened()` is what a process finds that starts after a crash.
 */
export class MemoryOutbox implements Outbox {
  #mark = 0;
  #notifications = new Map<string, Notification>();
  #attempts = new Map<string, Attempt[]>();
  /** Set to make writes fail, as on a full disk. */
  failing: Error | undefined;

  mark(): number {
    return this.#mark;
  }

  add(notifications: readonly Notification[], mark: number): Promise<void> {
    if (this.failing) return Promise.reject(this.failing);
    for (const notification of notifications) {
      if (!this.#notifications.has(notification.id)) this.#notifications.set(notification.id, stored(notification));
    }
    this.#mark = mark;
    return Promise.resolve();
  }

  due(now: number, limit: number): Notification[] {
    return this.#waiting()
      .filter(({ dueAt }) => dueAt <= now)
      .slice(0, limit);
  }

  nextDue(): number | undefined {
    return this.#waiting()[0]?.dueAt;
  }

  record(attempt: Attempt, notification: Notification): Promise<void> {
    if (this.failing) return Promise.reject(this.failing);
    this.#attempts.set(attempt.notification, [...(this.#attempts.get(attempt.notification) ?? []), attempt]);
    this.#notifications.set(notification.id, stored(notification));
    return Promise.resolve();
  }

  notification(id: string): Notification | undefined {
    return this.#notifications.get(id);
  }

  list({ state, signal, limit }: { state?: Notification['state']; signal?: string; limit: number }): Notification[] {
    return this.#all()
      .filter(
        (notification) =>
          (state === undefined || notification.state === state) && (signal === undefined || notification.signal.id === signal),
      )
      .sort((a, b) => b.createdAt - a.createdAt)
      .slice(0, limit);
  }

  attempts(notification: string): Attempt[] {
    return [...(this.#attempts.get(notification) ?? [])];
  }

  prune(before: number): Promise<void> {
    for (const { id, state, createdAt } of this.#all()) {
      if (state === 'waiting' || createdAt >= before) continue;
      this.#notifications.delete(id);
      this.#attempts.delete(id);
    }
    return Promise.resolve();
  }

  /** What is kept, in an outbox of its own: nothing that the old process still does reaches it. */
  reopened(): MemoryOutbox {
    const other = new MemoryOutbox();
    other.#mark = this.#mark;
    other.#notifications = new Map(this.#notifications);
    other.#attempts = new Map(this.#attempts);
    return other;
  }

  #all(): Notification[] {
    return [...this.#notifications.values()];
  }

  #waiting(): Notification[] {
    return this.#all()
      .filter(({ state }) => state === 'waiting')
      .sort((a, b) => a.dueAt - b.dueAt || a.createdAt - b.createdAt);
  }
}

function stored(notification: Notification): Notification {
  return JSON.parse(JSON.stringify(notification)) as Notification;
}
