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

describe('risk', () => {
  it('adds points of other rules, of one rule at most twice, and says of which', () => {
    const run = story({ type: 'risk', timespan: 86_400_000, threshold: 100, settings: {} }, true);
    for (let i = 0; i < 9; i++) run.event(`${i}s`, { ...from, 'event.outcome': 'no' });
    const [signal] = run.finish().all();
    expect(signal!.measures).toEqual({ points: 110, tactics: 0 });
    expect(signal!.reason).toContain('110 points: refused, any');
  });
});
