import { describe, expect, it } from 'vitest';
import { FakeClock } from '#testkit';
import { CheckpointTimes } from './checkpoint-times.js';

describe('when a checkpoint is due', () => {
  it('is a span after the last', async () => {
    const clock = new FakeClock();
    const times = new CheckpointTimes(clock, 0, 10_000);
    const opened = clock.now();
    expect([times.isDue, times.at]).toEqual([false, opened]);
    await clock.advance(10_000);
    expect(times.isDue).toBe(true);
    times.taken();
    expect([times.isDue, times.at]).toEqual([false, opened + 10_000]);
    await clock.advance(9999);
    expect(times.isDue).toBe(false);
    await clock.advance(1);
    expect(times.isDue).toBe(true);
  });

  it.each([2, 3, 6, 12])('is spread over the span for %i partitions that were opened together', async (partitions) => {
    const clock = new FakeClock();
    const all = Array.from({ length: partitions }, (_, partition) => new CheckpointTimes(clock, partition, 10_000));
    const first: number[] = [];
    for (let second = 1; second <= 100; second++) {
      await clock.advance(100);
      for (const [partition, times] of all.entries()) if (times.isDue && first[partition] === undefined) first[partition] = second / 10;
    }
    const sorted = [...first].sort((one, other) => one - other);
    const gaps = sorted.map((at, i) => (i === 0 ? at + 10 - sorted.at(-1)! : at - sorted[i - 1]!));
    expect(first).toHaveLength(partitions);
    expect(Math.min(...gaps)).toBeGreaterThan(10 / partitions / 3);
  });
});
