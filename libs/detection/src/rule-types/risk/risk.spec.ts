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

describe('risk', () => {
  it('adds points of other rules, of one rule at most twice, and says of which', () => {
    const run = story({ type: 'risk', timespan: 86_400_000, threshold: 100, settings: {} }, true);
    for (let i = 0; i < 9; i++) run.event(`${i}s`, { ...from, 'event.outcome': 'no' });
    const [signal] = run.finish().all();
    expect(signal!.measures).toEqual({ points: 110, tactics: 0 });
    expect(signal!.reason).toContain('110 points: refused, any');
  });
});
