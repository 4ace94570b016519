import { describe, expect, it } from 'vitest';
import { slot, type FieldValue } from '#ecs';
import { ruleSet, timeline, timelineStart, type TestCorrelation, type TestDetection } from '#testkit';

const failed: TestDetection = { id: 'login-failed', matches: (values) => values[slot['event.outcome']] === 'failure' };
const succeeded: TestDetection = { id: 'login-succeeded', matches: (values) => values[slot['event.outcome']] === 'success' };
const burst: TestCorrelation = {
  id: 'login-burst',
  type: 'event_count',
  inputs: ['login-failed'],
  groupBy: ['source.ip'],
  timespan: 60_000,
  threshold: 5,
};

const failure = (ip: string, user = 'ann'): Record<string, FieldValue> => ({
  'event.outcome': 'failure',
  'source.ip': ip,
  'user.name': user,
});

describe('a detector', () => {
  it('fires once for five failed logins within a minute, though the third arrives last', () => {
    const run = timeline(ruleSet([failed], [burst]), { grace: () => 10_000 });
    for (const at of ['0s', '5s', '15s', '20s', '12s']) run.event(at, failure('203.0.113.7'));
    expect(run.signals()).toEqual([{ rule: 'login-burst', groupKey: '203.0.113.7', from: '0s', to: '20s', count: 5 }]);
  });

  it('says in a sentence what happened, with evidence and entities', () => {
    const run = timeline(ruleSet([failed], [burst]));
    for (let i = 0; i < 30; i++) run.event(i * 1000, failure('203.0.113.7', `user${i}`));
    const signal = run.all()[0]!;
    expect(signal.reason).toBe('30 × login-failed from 203.0.113.7 in 29s');
    expect(signal.evidence.map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
    expect(signal.evidence[0]).toEqual({ offset: 0, time: timelineStart, id: 'event-0', line: 'line 0' });
    expect(signal.entities['source.ip']).toEqual(['203.0.113.7']);
    expect(signal.entities['user.name']).toHaveLength(10);
  });

  it('closes an episode when the watermark has passed its last event by the timespan', () => {
    const run = timeline(ruleSet([failed], [burst]), { grace: () => 10_000 });
    for (const at of ['0s', '1s', '2s', '3s', '4s']) run.event(at, failure('203.0.113.7'));
    run.event('74s', {});
    expect(run.all()[0]!.status).toBe('open');
    run.event('75s', {});
    expect(run.all()[0]!.status).toBe('closed');
  });

  it('closes an episode on a quiet system, at the speed of the wall clock', () => {
    const run = timeline(ruleSet([failed], [burst]), { grace: () => 10_000 });
    for (const at of ['0s', '1s', '2s', '3s', '4s']) run.event(at, failure('203.0.113.7'));
    // Silent at 64 s; the watermark stood at −6 s and must pass 64 s.
    run.tick('134s');
    expect(run.all()[0]!.status).toBe('open');
    run.tick('135s');
    expect(run.all()[0]!.status).toBe('closed');
  });

  it('joins two episodes by an event that comes late, and keeps the one that opened first', () => {
    const two = { ...burst, threshold: 2, timespan: 10_000 };
    const run = timeline(ruleSet([failed], [two]));
    for (const at of ['0s', '5s', '25s', '30s', '14s', '18s']) run.event(at, failure('203.0.113.7'));
    const [one, other] = run.all();
    expect(other).toMatchObject({ status: 'merged', mergedInto: one!.id });
    expect(run.signals()).toEqual([{ rule: 'login-burst', groupKey: '203.0.113.7', from: '0s', to: '30s', count: 6 }]);
  });

  it('does not let one line from the future move the watermark', () => {
    const run = timeline(ruleSet([failed], [burst]), { grace: () => 10_000 });
    run.event('0s', failure('203.0.113.7'));
    run.event('1s', failure('203.0.113.7'), { stamp: '1000d' });
    for (const at of ['2s', '3s', '4s']) run.event(at, failure('203.0.113.7'));
    expect(run.signals()).toMatchObject([{ count: 5 }]);
    expect(run.detector.counts().late).toEqual({ test: 0 });
  });

  it('holds the watermark for the slower of two sources until it is idle', () => {
    const run = timeline(ruleSet([failed], [burst]), { grace: () => 10_000, idleAfter: 60_000 });
    run.event('0s', failure('203.0.113.7'), { source: 'slow' });
    run.event('50s', failure('203.0.113.7'), { source: 'fast' });
    expect(run.detector.counts().watermark).toBe(timelineStart - 10_000);
    run.event('70s', failure('203.0.113.7'), { source: 'fast' });
    expect(run.detector.counts().watermark).toBe(timelineStart + 60_000);
  });

  it('counts what a generating detection matches even where its group-by field is missing', () => {
    const detection = { ...failed, generates: true };
    const run = timeline(ruleSet([detection], []));
    run.event('0s', { 'event.outcome': 'failure' }).event('1s', { 'event.outcome': 'failure' });
    expect(run.all()).toMatchObject([{ count: 2, group: {}, reason: '2 × login-failed in 1s' }]);
    expect(
      timeline(ruleSet([failed], [{ ...burst, threshold: 1 }]))
        .event('0s', { 'event.outcome': 'failure' })
        .all(),
    ).toEqual([]);
  });

  it('groups IPv6 addresses by their network', () => {
    const run = timeline(ruleSet([failed], [{ ...burst, threshold: 2 }]));
    run.event('0s', failure('2001:db8:1:2::1')).event('1s', failure('2001:db8:1:2:ffff::9'));
    expect(run.signals()).toMatchObject([{ groupKey: '2001:db8:1:2::/64', count: 2 }]);
  });

  it('finds a success after a burst, by an alias of the group', () => {
    const after: TestCorrelation = {
      id: 'success-after-burst',
      type: 'temporal_ordered',
      inputs: ['login-burst', 'login-succeeded'],
      groupBy: ['address'],
      timespan: 900_000,
      fieldOf: (name) => (name === 'address' ? 'source.ip' : name),
    };
    const run = timeline(ruleSet([failed, succeeded], [{ ...burst, generates: false }, after]));
    for (const at of ['0s', '1s', '2s', '3s', '4s']) run.event(at, failure('203.0.113.7'));
    run.event('30s', { 'event.outcome': 'success', 'source.ip': '203.0.113.8' });
    expect(run.signals()).toEqual([]);
    run.event('60s', { 'event.outcome': 'success', 'source.ip': '203.0.113.7' });
    expect(run.signals()).toEqual([{ rule: 'success-after-burst', groupKey: '203.0.113.7', from: '4s', to: '60s', count: 2 }]);
    expect(run.all()[0]!.reason).toBe('login-burst, then login-succeeded with address 203.0.113.7 in 56s');
  });

  it('gives up the key silent longest above the cap, counts it and says so once', () => {
    const run = timeline(ruleSet([failed], [burst]), { maxKeys: 3 });
    for (let i = 0; i < 10; i++) run.event(i * 1000, failure(`203.0.113.${i}`));
    expect(run.detector.counts()).toMatchObject({ keys: { 'login-burst': 3 }, evicted: { 'login-burst': 7 } });
    expect(run.all()).toMatchObject([{ rule: { id: 'gatewatch-detector-keys' }, group: { 'rule.id': 'login-burst' }, count: 7 }]);
  });

  it('says that lines of a source stopped fitting, one episode per source, over a restart too', () => {
    const run = timeline(ruleSet([failed], [burst]));
    run.event('0s', failure('203.0.113.7'));
    const at = timelineStart + 1000;
    const trouble = (source: string, offset: number): void => {
      run.detector.formatDrift({ source, offset, id: `r${offset}`, arrival: at, time: at });
      run.tick('1s');
    };
    trouble('edge', 1);
    trouble('auth', 2);
    run.restart();
    trouble('edge', 3);
    expect(run.all()).toMatchObject([
      { rule: { id: 'gatewatch-format-drift' }, group: { 'gatewatch.source': 'edge' }, count: 2 },
      { group: { 'gatewatch.source': 'auth' }, count: 1 },
    ]);
  });

  it('keeps the windows of an unchanged rule over a reload and starts a changed one anew', () => {
    const run = timeline(ruleSet([failed], [burst]));
    for (const at of ['0s', '1s', '2s']) run.event(at, failure('203.0.113.7'));
    run.restart();
    for (const at of ['3s', '4s']) run.event(at, failure('203.0.113.7'));
    expect(run.signals()).toMatchObject([{ count: 5 }]);
    run.restart(ruleSet([failed], [{ ...burst, version: '2' }])).event('5s', failure('203.0.113.7'));
    expect(run.signals()).toMatchObject([{ count: 5 }]);
  });

  it('writes only what changed, and removes keys that are gone', () => {
    const run = timeline(ruleSet([failed], [burst]), { grace: () => 0 });
    run.event('0s', failure('203.0.113.1')).event('0s', failure('203.0.113.2')).restart();
    const before = new Map(run.state.map);
    run.event('1s', failure('203.0.113.1')).restart();
    expect([...run.state.map].filter(([key, value]) => before.get(key) !== value)).toHaveLength(2);
    run.event('200s', {}).restart();
    expect([...run.state.map.keys()]).toEqual(['clock']);
  });

  it('tells keys apart whose values hold the separator', () => {
    const pair = { ...burst, threshold: 2, groupBy: ['source.ip', 'user.name'] };
    const run = timeline(ruleSet([failed], [pair]));
    run.event('0s', failure('a', 'b\u001fc')).event('1s', failure('a\u001fb', 'c'));
    expect(run.signals()).toEqual([]);
    run.event('2s', failure('a', 'b\u001fc'));
    expect(run.all()[0]!.group).toEqual({ 'source.ip': 'a', 'user.name': 'b\u001fc' });
  });

  it('counts a flood in order without keeping it', () => {
    const flood = { ...burst, threshold: 1000, timespan: 10_000 };
    const run = timeline(ruleSet([failed], [flood]));
    for (let i = 0; i < 20_000; i++) run.event(Math.floor(i / 500) * 1000, failure('203.0.113.7'));
    expect(run.signals()).toEqual([{ rule: 'login-burst', groupKey: '203.0.113.7', from: '0s', to: '39s', count: 20_000 }]);
    run.detector.save(run.state);
    const bytes = [...run.state.map.values()].reduce((sum, { length }) => sum + length, 0);
    expect(bytes).toBeLessThan(20_000);
  });
});
