import { describe, expect, it } from 'vitest';
import { ruleSet, Timeline } from '#testkit';

const rules = ruleSet(
  [{ id: 'base', matches: () => true }],
  [{ id: 'spray', type: 'value_count', inputs: ['base'], groupBy: ['source.ip'], timespan: 10_000, threshold: 3, field: 'user.name' }],
);
const tried = (user: string) => ({ 'source.ip': '203.0.113.7', 'user.name': user });

describe('value_count', () => {
  it('finds the episode of the worked example', () => {
    const run = new Timeline(rules);
    for (const [at, user] of [
      [0, 'ann'],
      [2, 'ann'],
      [5, 'bob'],
      [9, 'cid'],
      [12, 'ann'],
      [40, 'dan'],
    ] as const)
      run.event(`${at}s`, tried(user));
    expect(run.finish().signals()).toEqual([{ rule: 'spray', groupKey: '203.0.113.7', from: '0s', to: '12s', count: 5 }]);
    expect(run.all()[0]!.distinct).toBe(3);
  });

  it('does not count one value twice', () => {
    const run = new Timeline(rules);
    for (const at of [0, 1, 2, 3, 4, 5]) run.event(`${at}s`, tried(at % 2 ? 'ann' : 'bob'));
    expect(run.finish().signals()).toEqual([]);
  });
});
