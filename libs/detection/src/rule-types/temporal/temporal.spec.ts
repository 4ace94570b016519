import { describe, expect, it } from 'vitest';
import { FieldIndex } from '#ecs';
import { ruleSet, Timeline } from '#testkit';

const index = new FieldIndex();
const outcome = index.slot('event.outcome');
const detections = [
  { id: 'fail', matches: (values: readonly unknown[]) => values[outcome] === 'failure' },
  { id: 'ok', matches: (values: readonly unknown[]) => values[outcome] === 'success' },
];
const rules = (type: 'temporal' | 'temporal_ordered') =>
  ruleSet(detections, [{ id: 'pair', type, inputs: ['fail', 'ok'], groupBy: ['source.ip'], timespan: 60_000 }]);
const is = (value: string) => ({ 'source.ip': '203.0.113.7', 'event.outcome': value });

describe('temporal', () => {
  it('takes its inputs in any order', () => {
    const run = new Timeline(rules('temporal'), { index }).event('0s', is('success')).event('30s', is('failure')).finish();
    expect(run.signals()).toEqual([{ rule: 'pair', groupKey: '203.0.113.7', from: '0s', to: '30s', count: 2 }]);
  });

  it('with `gte: n` wants n of its inputs, whichever (Sigma correlation specification 2.1, "Condition")', () => {
    const three = [...detections, { id: 'other', matches: (values: readonly unknown[]) => values[outcome] === 'unknown' }];
    const some = ruleSet(three, [
      {
        id: 'some',
        type: 'temporal',
        inputs: ['fail', 'ok', 'other'],
        groupBy: ['source.ip'],
        timespan: 60_000,
        settings: { least: 2 },
      },
    ]);
    const run = (...events: [string, string][]): unknown[] => {
      const line = new Timeline(some, { index });
      for (const [at, value] of events) line.event(at, is(value));
      return line.finish().signals();
    };
    expect(run(['0s', 'success'], ['10s', 'success'])).toEqual([]);
    expect(run(['0s', 'success'], ['61s', 'unknown'])).toEqual([]);
    expect(run(['30s', 'unknown'], ['0s', 'success'])).toEqual([
      { rule: 'some', groupKey: '203.0.113.7', from: '0s', to: '30s', count: 2 },
    ]);
  });

  it('ordered, wants the order and the time', () => {
    const ordered = (first: string, second: string, at: string) =>
      new Timeline(rules('temporal_ordered'), { index }).event('0s', is(first)).event(at, is(second)).finish().signals().length;
    expect(ordered('failure', 'success', '60s')).toBe(1);
    expect(ordered('failure', 'success', '61s')).toBe(0);
    expect(ordered('success', 'failure', '30s')).toBe(0);
  });

  it('follows a burst as an interval: a success counts from its last event on', () => {
    const chain = ruleSet(detections, [
      { id: 'burst', type: 'event_count', inputs: ['fail'], groupBy: ['source.ip'], timespan: 60_000, threshold: 3, generates: false },
      { id: 'broken_in', type: 'temporal_ordered', inputs: ['burst', 'ok'], groupBy: ['source.ip'], timespan: 900_000 },
    ]);
    const run = (success: string): number => {
      const line = new Timeline(chain, { index });
      for (let second = 0; second <= 240; second += 20) line.event(`${second}s`, is('failure'));
      return line.event(success, is('success')).finish().signals().length;
    };
    expect(run('18m')).toBe(1);
    expect(run('20m')).toBe(0);
  });
});
