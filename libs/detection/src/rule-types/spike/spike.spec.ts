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

describe('spike, as in its README', () => {
  const play = (night: number, last: number): number => {
    const run = story({ type: 'spike', timespan: 300_000, threshold: 100, settings: { factor: 5 } });
    for (let bucket = 0; bucket < 300; bucket++) for (let i = 0; i < night; i++) run.event(`${bucket * 300 + i}s`, from);
    for (let i = 0; i < last; i++) run.event(300 * 300_000 + i * 1000, from);
    return run.finish().signals().length;
  };

  it('fires for a hundred where ten are usual', () => expect(play(10, 100)).toBe(1));
  it('is quiet below the least amount, and below five times what is usual', () => expect([play(10, 90), play(30, 120)]).toEqual([0, 0]));
});
