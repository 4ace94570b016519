import type { Clock, Millis } from '#time';

/** What {@link withDeadline} gives when the time was up first. */
export const late = Symbol('late');

/** Runs `work` for at most `limit`. When the time is up its signal is aborted and nobody waits for it any longer. */
export async function withDeadline<T>(clock: Clock, limit: Millis, work: (signal: AbortSignal) => Promise<T>): Promise<T | typeof late> {
  const cut = new AbortController();
  const done = new AbortController();
  const started = work(cut.signal);
  // Whoever loses the race must not become an unhandled rejection.
  started.catch(() => undefined);
  try {
    return await Promise.race([started, clock.sleep(limit, done.signal).then((): typeof late => late)]);
  } finally {
    done.abort();
    cut.abort();
  }
}
