import { ServiceError } from '#telemetry';
import type { Clock, Millis } from '#time';

export interface Patience {
  readonly clock: Clock;
  readonly retryFor: Millis;
  /** Aborted when nobody waits any more. */
  readonly closing: AbortSignal;
}

const longestPause: Millis = 5000;

/** Tries again while the trouble may pass and there is patience left. */
export async function patiently<T>({ clock, retryFor, closing }: Patience, work: () => Promise<T>): Promise<T> {
  const until = clock.now() + retryFor;
  for (let pause: Millis = 100; ; pause = Math.min(longestPause, pause * 2)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ServiceError && error.retryable) || closing.aborted || clock.now() + pause > until) throw error;
      await clock.sleep(pause, closing);
    }
  }
}
