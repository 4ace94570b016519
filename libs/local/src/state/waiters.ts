/** Callers that wait until a number has passed theirs. */
export class Waiters {
  readonly #waiting = new Set<{ readonly above: number; readonly resolve: () => void }>();

  wait(above: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(waiter);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const waiter = { above, resolve: done };
      this.#waiting.add(waiter);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  reached(number: number): void {
    for (const { above, resolve } of [...this.#waiting]) if (number > above) resolve();
  }
}
