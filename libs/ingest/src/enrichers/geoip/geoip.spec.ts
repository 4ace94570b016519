import { describe, expect, it } from 'vitest';
import { Event, slot, type FieldName } from '#ecs';
import { geoip } from './geoip.js';

function event(values: Partial<Record<FieldName, string>>): Event {
  const made = new Event(0, 0, 'test', { tag: 'abcdefghijkl', position: 0 });
  for (const [name, value] of Object.entries(values)) made.values[slot[name as FieldName]] = value;
  return made;
}

describe('the geoip enricher', () => {
  it('finds where a public address is, and nothing for a private one', () => {
    const geo = geoip();
    const found = event({ 'source.ip': '8.8.8.8' });
    geo.enrich(found);
    expect(found.values[slot['source.geo.country_iso_code']]).toBe('US');
    expect(found.values[slot['source.geo.location']]).toMatchObject({ lat: expect.any(Number) as number });
    const inside = event({ 'source.ip': '10.0.0.1' });
    geo.enrich(inside);
    expect(inside.values[slot['source.geo.country_iso_code']]).toBeUndefined();
  }, 300_000);

  it('adds the place to a country that the log names, if it is the same, in whatever case', () => {
    const geo = geoip();
    const placed = (country: string): unknown[] => {
      const found = event({ 'source.ip': '8.8.8.8', 'source.geo.country_iso_code': country });
      geo.enrich(found);
      return [found.values[slot['source.geo.country_iso_code']], found.values[slot['source.geo.location']] !== undefined];
    };
    expect(placed('US')).toEqual(['US', true]);
    expect(placed('us')).toEqual(['US', true]);
    expect(placed('DE')).toEqual(['DE', false]);
  }, 300_000);

  it('leaves alone what the log places itself', () => {
    const found = event({ 'source.ip': '8.8.8.8' });
    found.values[slot['source.geo.location']] = { lat: 1, lon: 2 };
    geoip().enrich(found);
    expect(found.values[slot['source.geo.location']]).toEqual({ lat: 1, lon: 2 });
    expect(found.values[slot['source.geo.country_iso_code']]).toBeUndefined();
  });

  it('tells how old the geography is, and warns', () => {
    const status = geoip({}, () => Date.UTC(2026, 10, 22)).status?.();
    expect(status?.dataAgeDays).toBeGreaterThan(180);
    expect(status?.warning).toContain('days old');
  });
});
