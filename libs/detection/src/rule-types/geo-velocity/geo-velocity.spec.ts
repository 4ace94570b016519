import { describe, expect, it } from 'vitest';
import { ruleSet, Timeline } from '#testkit';

const rules = ruleSet(
  [{ id: 'login', matches: () => true }],
  [
    {
      id: 'travel',
      type: 'geo_velocity',
      inputs: ['login'],
      groupBy: ['user.name'],
      timespan: 3 * 3_600_000,
      settings: { speed: 800, distance: 500, radius: 50 },
    },
  ],
);
const places = { berlin: { lat: 52.52, lon: 13.4 }, potsdam: { lat: 52.4, lon: 13.06 }, sydney: { lat: -33.87, lon: 151.21 } };
const login = (place: keyof typeof places, ip: string) => ({ 'user.name': 'ann', 'source.ip': ip, 'source.geo.location': places[place] });

describe('geo_velocity', () => {
  it('fires for Berlin and Sydney within two hours, with the figures of the worked example', () => {
    const run = new Timeline(rules).event('0s', login('berlin', '192.0.2.1')).event('2h', login('sydney', '198.51.100.1')).finish();
    expect(run.signals()).toMatchObject([{ rule: 'travel', groupKey: 'ann', from: '0s', count: 2 }]);
    const measures = run.all()[0]!.measures!;
    expect(measures['distance_km']).toBeGreaterThan(15_900);
    expect(measures['speed_kmh']).toBeGreaterThan(7_900);
  });

  it('is quiet for neighbours, for one address, and for a flight that is possible', () => {
    const quiet = (line: Timeline): void => expect(line.finish().signals()).toEqual([]);
    quiet(new Timeline(rules).event('0s', login('berlin', '192.0.2.1')).event('1m', login('potsdam', '192.0.2.2')));
    quiet(new Timeline(rules).event('0s', login('berlin', '192.0.2.1')).event('1h', login('sydney', '192.0.2.1')));
    quiet(new Timeline(rules).event('0s', login('berlin', '192.0.2.1')).event('4h', login('sydney', '198.51.100.1')));
  });
});
