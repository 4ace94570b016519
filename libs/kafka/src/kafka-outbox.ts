import type { Attempt, Notification, Outbox } from '#alerting';
import type { EntryWriter, TaskState } from './task-state.js';

interface Facts {
  readonly mark: number;
}

const notificationKey = 'n/';
const attemptsKey = 'a/';

/**
 * Notifications and attempts of one partition of signals, in memory and in a compacted topic. Each change is a transaction, so a notification is written before it is sent and the
 * process that takes the partition over knows what was sent. Memory: what is kept, until `prune`.
 */
export class KafkaOutbox implements Outbox {
  readonly #notifications = new Map<string, Notification>();
  readonly #attempts = new Map<string, Attempt[]>();
  /** Those that wait, the one due first in front: asked for at every look, while what is kept is much more. */
  readonly #waiting: Notification[] = [];
  #mark: number;
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly state: TaskState<Facts>) {
    this.#mark = state.facts?.mark ?? 0;
    for (const [key, value] of state.entries) {
      const read: unknown = JSON.parse(Buffer.from(value).toString());
      if (key.startsWith(notificationKey)) this.#keep(read as Notification);
      else this.#attempts.set(key.slice(attemptsKey.length), read as Attempt[]);
    }
    state.entries = new Map();
  }

  mark(): number {
    return this.#mark;
  }

  add(notifications: readonly Notification[], mark: number): Promise<void> {
    return this.#change(mark, () => {
      const fresh = notifications.filter(({ id }) => !this.#notifications.has(id));
      return {
        write: (into) => fresh.forEach((one) => into.put(notificationKey + one.id, json(one))),
        done: () => fresh.forEach((one) => this.#keep(one)),
      };
    });
  }

  record(attempt: Attempt, notification: Notification): Promise<void> {
    return this.#change(undefined, () => {
      const attempts = [...(this.#attempts.get(notification.id) ?? []), attempt];
      return {
        write: (into) => {
          into.put(notificationKey + notification.id, json(notification));
          into.put(attemptsKey + notification.id, json(attempts));
        },
        done: () => {
          this.#keep(notification);
          this.#attempts.set(notification.id, attempts);
        },
      };
    });
  }

  prune(before: number): Promise<void> {
    return this.#change(undefined, () => {
      const old = [...this.#notifications.values()].filter(({ createdAt, state }) => createdAt < before && state !== 'waiting');
      return {
        write: (into) => {
          for (const { id } of old) {
            into.remove(notificationKey + id);
            into.remove(attemptsKey + id);
          }
        },
        done: () => {
          for (const { id } of old) {
            this.#notifications.delete(id);
            this.#attempts.delete(id);
          }
        },
      };
    });
  }

  due(now: number, limit: number): Notification[] {
    return this.#waiting.slice(0, Math.min(limit, this.#placeAfter(now)));
  }

  nextDue(): number | undefined {
    return this.#waiting[0]?.dueAt;
  }

  notification(id: string): Notification | undefined {
    return this.#notifications.get(id);
  }

  list({ state, signal, limit }: { state?: Notification['state']; signal?: string; limit: number }): Notification[] {
    return [...this.#notifications.values()]
      .filter((one) => (state === undefined || one.state === state) && (signal === undefined || one.signal.id === signal))
      .sort((one, other) => other.createdAt - one.createdAt || (one.id < other.id ? 1 : -1))
      .slice(0, limit);
  }

  attempts(notification: string): Attempt[] {
    return [...(this.#attempts.get(notification) ?? [])];
  }

  /** Resolves when everything that was begun is saved or refused. */
  async settled(): Promise<void> {
    await this.#last;
  }

  #keep(notification: Notification): void {
    const before = this.#notifications.get(notification.id);
    if (before?.state === 'waiting') this.#waiting.splice(this.#waiting.indexOf(before), 1);
    this.#notifications.set(notification.id, notification);
    if (notification.state === 'waiting') this.#waiting.splice(this.#placeAfter(notification.dueAt), 0, notification);
  }

  /** How many of those that wait are due by then. */
  #placeAfter(time: number): number {
    let low = 0;
    for (let high = this.#waiting.length; low < high;) {
      const middle = (low + high) >>> 1;
      if (this.#waiting[middle]!.dueAt <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** One change after the other: a transaction knows only one at a time, and each sees what the one before did. */
  #change(mark: number | undefined, prepare: () => { write: (into: EntryWriter) => void; done: () => void }): Promise<void> {
    const turn = this.#last.then(async () => {
      const { write, done } = prepare();
      const next = mark ?? this.#mark;
      await this.state.commit({ mark: next }, [], write);
      this.#mark = next;
      done();
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
