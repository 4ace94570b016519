/** Work that goes on until its signal is aborted, and then finishes what it has in hand. */
export type Loop = (stop: AbortSignal) => Promise<void>;

/**
 * Runs all loops at once until `stop` is aborted or one of them fails: a half-running watch is worse than none. Then `onStop` closes the doors, and the
 * stages end one after the other, each when all of its loops are done. Rejects with the first failure.
 */
export async function runStages(stages: readonly (readonly Loop[])[], stop: AbortSignal, onStop: () => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  stop.addEventListener('abort', end, { once: true });
  if (stop.aborted) end();
  const noted = (error: unknown): void => {
    failures.push(error);
    end();
  };
  const running = stages.map((loops) => {
    const controller = new AbortController();
    return { controller, loops: loops.map((loop) => loop(controller.signal).catch(noted)) };
  });
  await ended;
  await onStop().catch(noted);
  for (const { controller, loops } of running) {
    controller.abort();
    await Promise.all(loops);
  }
  stop.removeEventListener('abort', end);
  if (failures.length) throw failures[0];
}
