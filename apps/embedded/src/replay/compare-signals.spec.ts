import { describe, expect, it } from 'vitest';
import type { Signal } from '#ecs';
import { compareSignals } from './compare-signals.js';

const signal = {
  id: 'a',
  rule: { version: 'v1' },
  first: 0,
  last: 5000,
  reached: 4000,
  count: 3,
  evidence: [{ offset: 7, time: 0, id: 'e7', line: 'GET /' }],
} as unknown as Signal;

describe('comparing a signal with itself made again', () => {
  it('finds no difference where only lines and arrival differ', () => {
    const again = { ...signal, arrival: 9, status: 'closed', evidence: [{ offset: 7, time: 0, id: 'e7' }] } as Signal;
    expect(compareSignals(signal, again)).toEqual([]);
  });

  it('names what differs; the id only under the same version of the rule', () => {
    const other = { ...signal, id: 'b', count: 4, measures: { speed_kmh: 900 } };
    expect(compareSignals(signal, other)).toEqual([
      { what: 'id', then: 'a', now: 'b' },
      { what: 'count', then: '3', now: '4' },
      { what: 'measures', then: 'none', now: 'speed_kmh 900' },
    ]);
    const changed = { ...other, rule: { ...other.rule, version: 'v2' } };
    expect(compareSignals(signal, changed).map(({ what }) => what)).toEqual(['count', 'measures']);
  });
});
