import { describe, expect, it } from 'vitest';
import { Event } from '#ecs';
import { mergeByTime } from './merge.js';

function input(...blocks: number[][]): {
  next: () => Promise<
    { from: number; to: number; events: Event[]; deadLetters: []; duplicates: []; blank: Record<string, number> } | undefined
  >;
} {
  const waiting = blocks.map((times) => ({
    from: 0,
    to: times.length,
    events: times.map((time, i) => Object.assign(new Event(i, 0, 'scan', { tag: 't', position: i }), { time })),
    deadLetters: [] as [],
    duplicates: [] as [],
    blank: {},
  }));
  return { next: () => Promise.resolve(waiting.shift()) };
}

async function merged(...inputs: ReturnType<typeof input>[]): Promise<number[]> {
  const times: number[] = [];
  await mergeByTime(inputs, { event: ({ time }) => void times.push(time), deadLetter: () => undefined });
  return times;
}

describe('merging inputs by event time', () => {
  it('reads a rotated file before the current one, whichever was named first', async () => {
    expect(await merged(input([50, 60], [70]), input([10, 20], [], [30]))).toEqual([10, 20, 30, 50, 60, 70]);
  });

  it('keeps the order within one input, even where its stamps step back', async () => {
    expect(await merged(input([5, 3, 9]), input([4]))).toEqual([4, 5, 3, 9]);
    expect(await merged(input([5, 3, 9]))).toEqual([5, 3, 9]);
  });

  it('leaves out empty inputs', async () => {
    expect(await merged(input(), input([]), input([1]))).toEqual([1]);
  });
});
