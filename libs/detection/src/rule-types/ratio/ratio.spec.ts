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

describe('ratio, as in its README', () => {
  const rule = { type: 'ratio', timespan: 300_000, threshold: 20, settings: { share: 0.3 } };
  const play = (refused: number, all: number): unknown[] => {
    const run = story(rule, true);
    for (let i = 0; i < all; i++) run.event(i * 600, { ...from, 'event.outcome': i < refused ? 'no' : 'yes' });
    return run.finish().all().map(({ count, measures }) => [count, measures?.['share_percent']]); // prettier-ignore
  };

  it('fires for 24 refusals of 60 calls', () => expect(play(24, 60).length).toBe(1));
  it('is quiet for 24 of 400 and for 19 of 19', () => {
    const spread = story(rule, true);
    for (let i = 0; i < 400; i++) spread.event(i * 600, { ...from, 'event.outcome': i % 17 === 0 ? 'no' : 'yes' });
    expect(spread.finish().signals()).toEqual([]);
    expect(play(19, 19)).toEqual([]);
  });
});
