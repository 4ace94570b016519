import type { Clock, Millis } from '#time';

/** A clock that stands still until it is told to move; sleepers wake in order as it passes them. */
export class FakeClock implements Clock {
  #now: Millis;
  #sleepers: { at: Millis; wake: () => void }[] = [];

  constructor(start: Millis = Date.UTC(2026, 0, 15)) {
    this.#now = start;
  }

  now(): Millis {
    return this.#now;
  }

  sleep(millis: Millis, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const sleeper = { at: this.#now + millis, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener(
        'abort',
        () => {
          this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
          resolve();
        },
        { once: true },
      );
    });
  }

  /** Moves time on and lets everything that was due run. */
  async advance(millis: Millis): Promise<void> {
    const end = this.#now + millis;
    for (;;) {
      const due = this.#sleepers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#sleepers = this.#sleepers.filter((other) => other !== due);
      this.#now = Math.max(this.#now, due.at);
      due.wake();
      await settle();
    }
    this.#now = end;
    await settle();
  }

  /** How many wait: a test can await until its subject sleeps. */
  get sleeping(): number {
    return this.#sleepers.length;
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
