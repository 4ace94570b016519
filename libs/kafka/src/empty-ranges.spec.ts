import type { Consumer } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { EmptyRanges } from './empty-ranges.js';

type Passed = { topic: string; partition: number; batchSize: number; firstOffset: string | null; lastOffset: string };

/** What kafkajs says of the batches that it works on. */
function passing(): { ranges: EmptyRanges; pass: (first: string | null, last: string, batchSize?: number) => void } {
  let listener: (event: { payload: Passed }) => void = () => undefined;
  const consumer = { events: { START_BATCH_PROCESS: 'start' }, on: (_: string, found: typeof listener) => void (listener = found) };
  const ranges = new EmptyRanges(consumer as unknown as Consumer);
  return {
    ranges,
    pass: (firstOffset, lastOffset, batchSize = 0) =>
      listener({ payload: { topic: 't', partition: 0, batchSize, firstOffset, lastOffset } }),
  };
}

describe('stretches without messages', () => {
  it('are passed as one, however many batches they came in', () => {
    const { ranges, pass } = passing();
    pass('10', '19');
    pass('20', '39');
    expect(ranges.behind('t', 0, 10n)).toBe(40n);
    expect(ranges.behind('t', 0, 25n)).toBe(40n);
  });

  it('say nothing of what is before or behind them, or of other partitions', () => {
    const { ranges, pass } = passing();
    pass('10', '19');
    expect(ranges.behind('t', 0, 9n)).toBe(9n);
    expect(ranges.behind('t', 0, 20n)).toBe(20n);
    expect(ranges.behind('t', 1, 10n)).toBe(10n);
  });

  it('are not taken for one where something lies between, and not from batches with messages or without any bytes', () => {
    const { ranges, pass } = passing();
    pass('10', '19');
    pass('30', '39');
    expect(ranges.behind('t', 0, 10n)).toBe(10n);
    expect(ranges.behind('t', 0, 30n)).toBe(40n);
    pass('40', '49', 3);
    pass(null, '99');
    expect(ranges.behind('t', 0, 40n)).toBe(40n);
  });

  it('can be told by whoever has seen the end of a batch', () => {
    const { ranges } = passing();
    ranges.note('t', 0, 7n, 8n);
    ranges.note('t', 0, 9n, 9n);
    expect(ranges.behind('t', 0, 7n)).toBe(8n);
  });
});
