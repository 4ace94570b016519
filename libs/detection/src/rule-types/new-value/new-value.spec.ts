import { describe, expect, it } from 'vitest';
import { ruleSet, Timeline } from '#testkit';

const day = 86_400_000;
const rules = ruleSet(
  [{ id: 'login', matches: () => true }],
  [
    {
      id: 'country',
      type: 'new_value',
      inputs: ['login'],
      groupBy: ['user.name'],
      timespan: 30 * day,
      field: 'source.geo.country_iso_code',
      settings: { learning: '7d', episode: '1h' },
    },
  ],
);
const login = (country: string) => ({ 'user.name': 'ann', 'source.geo.country_iso_code': country });

describe('new_value', () => {
  it('fires for a country first seen after the learning time', () => {
    const run = new Timeline(rules);
    for (let at = 1; at <= 10; at++) run.event(`${at}d`, login('DE'));
    expect(run.event('11d', login('FR')).finish().signals()).toMatchObject([{ rule: 'country', groupKey: 'ann', count: 1 }]);
  });

  it('is quiet while it learns, and for what it knows', () => {
    expect(new Timeline(rules).event('1d', login('DE')).event('2d', login('FR')).finish().signals()).toEqual([]);
    const known = new Timeline(rules).event('1d', login('DE')).event('9d', login('DE')).event('20d', login('DE'));
    expect(known.finish().signals()).toEqual([]);
  });
});
