import { describe, expect, it } from 'vitest';
import { mergeByTime, type Cursor } from './merge.js';

interface Timed {
  readonly time: number;
}

function input(...blocks: number[][]): Cursor<Timed> {
  const waiting = blocks.map((times) => ({ events: times.map((time) => ({ time })) }));
  return { next: () => Promise.resolve(waiting.shift()) };
}

async function merged(...inputs: Cursor<Timed>[]): Promise<number[]> {
  const times: number[] = [];
  await mergeByTime(inputs, ({ time }) => void times.push(time));
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
