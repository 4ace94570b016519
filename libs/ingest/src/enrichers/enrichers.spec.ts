import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Event, slot, type FieldName } from '#ecs';
import { buildEnrichers, enrichers } from './enrichers.js';
import { geoip } from './geoip/geoip.js';
import { networkClass } from './network/network.js';
import { userAgent } from './user-agent/user-agent.js';

function event(values: Partial<Record<FieldName, string>>): Event {
  const made = new Event(0, 0, 'test', { tag: 'abcdefghijkl', position: 0 });
  for (const [name, value] of Object.entries(values)) made.values[slot[name as FieldName]] = value;
  return made;
}

describe('the enrichers', () => {
  it('are all in the list, each with a README', () => {
    const here = new URL('./', import.meta.url);
    const folders = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).sort()).toEqual(Object.keys(enrichers).sort());
    for (const { name } of folders) expect(existsSync(new URL(`${name}/README.md`, here))).toBe(true);
    expect(buildEnrichers({ geoip: { enabled: false } }).map(({ name }) => name)).toEqual(['network', 'user-agent']);
  });

  it.each([
    ['203.0.113.7', 'reserved'],
    ['8.8.8.8', 'public'],
    ['10.1.2.3', 'private'],
    ['100.64.0.1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['::1', 'loopback'],
    ['fe80::1', 'link_local'],
    ['fd00::1', 'private'],
    ['2001:4860:4860::8888', 'public'],
    ['not an address', undefined],
  ])('class %s as %s', (ip, found) => {
    expect(networkClass(ip)).toBe(found);
  });

  it('find where a public address is, and nothing for a private one', () => {
    const geo = geoip();
    const found = event({ 'source.ip': '8.8.8.8' });
    geo.enrich(found);
    expect(found.values[slot['source.geo.country_iso_code']]).toBe('US');
    expect(found.values[slot['source.geo.location']]).toMatchObject({ lat: expect.any(Number) as number });
    const inside = event({ 'source.ip': '10.0.0.1' });
    geo.enrich(inside);
    expect(inside.values[slot['source.geo.country_iso_code']]).toBeUndefined();
  }, 20_000);

  it('tell how old the geography is, and warn', () => {
    const status = geoip({}, () => Date.UTC(2026, 10, 22)).status?.();
    expect(status?.dataAgeDays).toBeGreaterThan(180);
    expect(status?.warning).toContain('days old');
  });

  it('read user agents as uap-core does', () => {
    const agents = userAgent();
    const read = (original: string): unknown[] => {
      const found = event({ 'user_agent.original': original });
      agents.enrich(found);
      const names: FieldName[] = ['user_agent.name', 'user_agent.version', 'user_agent.os.full', 'gatewatch.source.bot'];
      return names.map((name) => found.values[slot[name]]);
    };
    expect(read('Mozilla/5.0 (Macintosh; Intel Mac OS X 10.12; rv:49.0) Gecko/20100101 Firefox/49.0')).toEqual([
      'Firefox',
      '49.0',
      'Mac OS X 10.12',
      false,
    ]);
    expect(read('curl/8.5.0')).toEqual(['curl', '8.5.0', undefined, true]);
    expect(read('Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)')).toEqual(['Googlebot', '2.1', undefined, true]);
    expect(read('x'.repeat(100_000))[0]).toBe('Other');
  }, 20_000);
});
