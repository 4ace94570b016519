import type { Millis } from './duration.js';

/** The only door to the wall clock and to timers. Cores get one handed in; tests hand in a fake. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): Millis;
  /** Resolves after `millis`, or at once when the signal is aborted. */
  sleep(millis: Millis, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (millis, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, millis);
      signal?.addEventListener('abort', done, { once: true });
    }),
};
