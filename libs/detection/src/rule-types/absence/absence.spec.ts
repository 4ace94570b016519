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

describe('absence, as in its README', () => {
  it('fires from ticks alone when a service that was heard all day falls silent, and closes when it speaks again', () => {
    const run = story({ type: 'absence', timespan: 600_000, threshold: 1, settings: {} });
    for (let minute = 0; minute <= 1500; minute += 5) run.event(`${minute}m`, from);
    run.tick('1515m');
    expect(run.signals()).toEqual([]);
    run.tick('1530m');
    expect(run.all()).toMatchObject([{ status: 'open', count: 0, group: from }]);
    run.event('1600m', from).event('1700m', from);
    expect(run.all()).toMatchObject([{ status: 'closed' }]);
    expect(run.signals()).toMatchObject([{ from: `${1500 * 60}s`, to: `${1600 * 60}s` }]);
  });

  it('never fires for a service that is silent every night', () => {
    const run = story({ type: 'absence', timespan: 600_000, threshold: 1, settings: {} });
    for (let day = 0; day < 4; day++) for (let minute = 0; minute <= 600; minute += 5) run.event(`${day * 1440 + minute}m`, from);
    expect(run.tick('6000m').signals()).toEqual([]);
  });
});
