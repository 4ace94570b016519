import { expect, it } from 'vitest';
import { systemClock } from './index.js';

it('tells the time of the machine', () => {
  const before = Date.now();
  const now = systemClock.now();
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now());
});

it('does not sleep when the signal is aborted already', async () => {
  await systemClock.sleep(1e9, AbortSignal.abort());
});

it('wakes at once when the signal is aborted meanwhile, and leaves no listener behind', async () => {
  const abort = new AbortController();
  const slept = systemClock.sleep(1e9, abort.signal);
  abort.abort();
  await slept;
  await systemClock.sleep(0, abort.signal);
  await systemClock.sleep(0);
});
