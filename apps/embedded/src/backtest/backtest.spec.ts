import { describe, expect, it } from 'vitest';
import { compare } from './compare.js';
import type { Found } from './found.js';
import { parseLabels, Verdicts } from './labels.js';
import { noticesFor } from './notices.js';
import { entitiesOf, summarise } from './summary.js';

const start = Date.UTC(2026, 0, 15, 10);
const minute = 60_000;

function found(entity: string, at: number, other: Partial<Found> = {}): Found {
  const first = start + at * minute;
  return {
    id: `${entity}-${at}`,
    rule: 'r1',
    name: 'burst',
    title: 'Burst',
    version: 'v1',
    level: 'high',
    entity,
    values: [entity],
    first,
    last: first + minute,
    reached: first,
    count: 10,
    ...other,
  };
}

const receiver = (over: object): never =>
  ({
    receivers: [{ name: 'team', min_level: 'medium', send_resolved: true, max_per_minute: 20, channels: [{ type: 'log' }], ...over }],
  }) as never;

describe('comparing two versions of rules', () => {
  it('pairs signals of a rule and entity by overlap, whatever their ids', () => {
    const a = [found('x', 0), found('x', 60), found('y', 0)];
    const b = [found('x', 0, { id: 'other', count: 12 }), found('z', 5), found('y', 0, { id: 'another' })];
    expect(compare(a, b)).toEqual({
      only_a: 1,
      only_b: 1,
      both: 2,
      changed: 1,
      differences: [
        { rule: 'r1', name: 'burst', entity: 'x', only_a: 1, only_b: 0, both: 1, changed: 1 },
        { rule: 'r1', name: 'burst', entity: 'z', only_a: 0, only_b: 1, both: 0, changed: 0 },
      ],
    });
  });

  it('finds no difference of a run with itself', () => {
    const all = [found('x', 0), found('x', 60), found('y', 0)];
    expect(compare(all, all)).toMatchObject({ only_a: 0, only_b: 0, both: 3, changed: 0, differences: [] });
  });
});

describe('counting notifications', () => {
  it('tells the opening and the end on each channel, from the level of the receiver up', () => {
    const all = [found('x', 0), found('y', 1, { level: 'low' })];
    const [team] = noticesFor(all, receiver({ channels: [{ type: 'log' }, { type: 'email' }] }));
    expect(team).toEqual({ receiver: 'team', channels: 2, messages: 4, digests: 0, perDay: { '2026-01-15': 4 } });
    expect(noticesFor(all, receiver({ send_resolved: false, min_level: 'low' }))[0]?.messages).toBe(2);
  });

  it('puts what is above the bound a minute into one digest', () => {
    const flood = Array.from({ length: 100 }, (_, at) => found(`x${at}`, 0));
    expect(noticesFor(flood, receiver({ send_resolved: false, max_per_minute: 5 }))[0]).toMatchObject({ messages: 6, digests: 1 });
  });
});

describe('the summary', () => {
  it('lists rules by severity and their entities by signals', () => {
    const all = [found('x', 0), found('y', 1), found('y', 1500), found('q', 2, { rule: 'r2', name: 'worst', level: 'critical' })];
    expect(summarise(all).map(({ name, signals, per_day: days, top }) => [name, signals, days, top[0]?.entity])).toEqual([
      ['worst', 1, { '2026-01-15': 1 }, 'q'],
      ['burst', 3, { '2026-01-15': 2, '2026-01-16': 1 }, 'y'],
    ]);
    expect(entitiesOf(all)[0]).toEqual({ entity: 'y', signals: 2, events: 20 });
  });
});

describe('verdicts', () => {
  const csv = 'rule,entity,verdict\nburst,x,true_positive\nburst,"a, ""b""",fp\n';

  it('are read as CSV, JSON and NDJSON alike', () => {
    const expected = [
      { rule: 'burst', entity: 'x', verdict: 'true_positive' },
      { rule: 'burst', entity: 'a, "b"', verdict: 'fp' },
    ];
    expect(parseLabels(csv, 'v.csv')).toEqual(expected);
    expect(parseLabels(JSON.stringify(expected), 'v.json')).toEqual(expected);
    expect(parseLabels(expected.map((one) => JSON.stringify(one)).join('\n'), 'v.ndjson')).toEqual(expected);
  });

  it('name what is wrong', () => {
    expect(() => parseLabels('rule,entity,verdict\nburst,x,maybe', 'v.csv')).toThrow(/v\.csv: label 1: verdict/);
    expect(() => parseLabels('{"rule":"x"', 'v.json')).toThrow(/v\.json:1/);
    expect(() => parseLabels('{"verdict":"tp"}', 'v.json')).toThrow(/expected a signal, a rule or an entity/);
  });

  it('give precision over what was judged; the verdict on a signal wins', () => {
    const verdicts = new Verdicts([
      { rule: 'burst', verdict: 'fp' },
      { rule: 'r1', entity: 'x', verdict: 'tp' },
      { signal: 'x-60', verdict: 'false' },
    ]);
    const all = [found('x', 0), found('x', 60), found('y', 0), found('y', 0, { rule: 'r9', name: 'other' })];
    expect(verdicts.precision(all)).toEqual({ true_positives: 1, false_positives: 2, unlabelled: 1, precision: 1 / 3 });
  });
});
