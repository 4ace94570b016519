import { describe, expect, it } from 'vitest';
import { ruleSet, Timeline } from '#testkit';

const rules = (threshold: number) =>
  ruleSet(
    [{ id: 'base', matches: () => true }],
    [{ id: 'burst', type: 'event_count', inputs: ['base'], groupBy: ['source.ip'], timespan: 10_000, threshold }],
  );
const from = { 'source.ip': '203.0.113.7' };

describe('event_count', () => {
  it('finds the episode of the worked example, whatever the order of arrival', () => {
    for (const order of [
      [0, 4, 8, 15, 17, 40],
      [17, 0, 15, 8, 4, 40],
    ]) {
      const run = new Timeline(rules(3));
      for (const second of order) run.event(`${second}s`, from);
      expect(run.finish().signals()).toEqual([{ rule: 'burst', groupKey: '203.0.113.7', from: '0s', to: '17s', count: 5 }]);
      expect(run.all()[0]!.reached - run.all()[0]!.first).toBe(8000);
    }
  });

  it('asks for one more than the near miss has', () => {
    const run = new Timeline(rules(3)).event('0s', from).event('5s', from).event('11s', from).finish();
    expect(run.signals()).toEqual([]);
  });

  it('chains single events that are at most the timespan apart', () => {
    const run = new Timeline(rules(1));
    for (const at of ['0s', '10s', '20s', '31s']) run.event(at, from);
    expect(
      run
        .finish()
        .signals()
        .map(({ from: first, to, count }) => [first, to, count]),
    ).toEqual([
      ['0s', '20s', 3],
      ['31s', '31s', 1],
    ]);
  });
});
