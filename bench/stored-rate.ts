import { until } from './cluster.js';

/** A stretch of steady work. */
export interface Stretch {
  /** Documents a second. */
  readonly rate: number;
  readonly seconds: number;
  /** Documents within it. */
  readonly counted: number;
  /** Processor seconds of ours within it. */
  readonly cpu: number;
}

/**
 * From the first documents that are there to the last, so that starting, which is the same for a hundred documents and a million, is left out.
 * @param done What must hold besides, for the end of the stretch.
 */
export async function rateBetween(
  written: () => Promise<number>,
  all: number,
  { cpu, done = async () => true }: { readonly cpu: () => number; readonly done?: () => Promise<boolean> },
): Promise<Stretch> {
  let count = 0;
  await until('the first documents', async () => (count = await written()) > 0, 20);
  const first = count;
  const [started, used] = [performance.now(), cpu()];
  await until('the last documents', async () => (await written()) >= all && (await done()), 50);
  const seconds = (performance.now() - started) / 1000;
  return { rate: (all - first) / seconds, seconds, counted: all - first, cpu: cpu() - used };
}
