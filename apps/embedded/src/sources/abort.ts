/**
 * Waits for the work or for the signal, whichever comes first; `undefined` after an abort. `Promise.race` with one promise that lives as long as the
 * service would keep every wait in memory.
 */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
