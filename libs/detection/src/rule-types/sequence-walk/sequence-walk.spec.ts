import { describe, expect, it } from 'vitest';
import { ruleSet, Timeline } from '#testkit';
import type { TestCorrelation } from '#testkit';

const from = { 'source.ip': '203.0.113.7' };

function story(rule: Omit<TestCorrelation, 'id' | 'inputs' | 'groupBy'>, second = false): Timeline {
  const detections = [
    { id: 'refused', matches: (values: readonly unknown[]) => !second || values.includes('no'), level: 'high' as const },
    { id: 'any', matches: () => true },
  ];
  return new Timeline(
    ruleSet(detections, [{ id: 'r', inputs: second ? ['refused', 'any'] : ['refused'], groupBy: ['source.ip'], ...rule }]),
  );
}

describe('sequence_walk, as in its README', () => {
  const play = (ids: readonly (number | string)[]): unknown[] => {
    const run = story({ type: 'sequence_walk', timespan: 600_000, threshold: 20, field: 'gatewatch.object.id' });
    ids.forEach((id, i) => run.event(`${i}s`, { ...from, 'gatewatch.object.id': String(id) }));
    return run.finish().all().map(({ count, measures }) => [count, measures?.['stride']]); // prettier-ignore
  };
  const row = (from: number, step: number, length = 20): number[] => Array.from({ length }, (_, i) => from + i * step);

  it('finds a walk up, down and in parallel', () => {
    expect(play(row(1040, 1))).toEqual([[20, 1]]);
    expect(play(row(690, -10))).toEqual([[20, 10]]);
    expect(play(row(1040, 1).sort((one, other) => ((one * 7) % 20) - ((other * 7) % 20)))).toEqual([[20, 1]]);
  });

  it('is quiet for nineteen, for ids without a step, and for numbers behind different texts', () => {
    expect(play(row(1040, 1, 19))).toEqual([]);
    expect(play(row(0, 1).map((n) => n * n * 3))).toEqual([]);
    expect(play(row(1040, 1).map((n) => (n % 2 ? `ORD-${n}` : `INV-${n}`)))).toEqual([]);
    expect(play(row(0, 1).map((n) => `6f9619ff-8b86-d011-b42d-${n}0c04fc964f${n}`))).toEqual([]);
  });
});
