import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openMmdb } from '../../mmdb/mmdb.js';
import { autonomousSystem } from '../autonomous-system/autonomous-system.js';
import { enriched, folderOf } from '../enrich-spec-kit.js';
import { city } from './city.js';

const folder = new URL('../../../../../../shared/data/enrich/mmdb/', import.meta.url);
const bytes = (name: string): Buffer => readFileSync(new URL(name, folder));
const day = 86_400_000;

describe.runIf(existsSync(folder))('databases of MaxMind', () => {
  it('tell places, and are read again when another takes their place', () => {
    const files = folderOf({ db: bytes('GeoLite2-Country-Test.mmdb') });
    const enricher = city(files.path('db'), 30);
    const of = (ip: string) => enriched(enricher, { 'source.ip': ip });
    expect([of('81.2.69.142')('source.geo.country_iso_code'), of('81.2.69.142')('source.geo.city_name')]).toEqual(['GB', undefined]);
    writeFileSync(files.path('db'), bytes('GeoLite2-City-Test.mmdb'));
    enricher.refresh!();
    const london = of('81.2.69.142');
    expect([london('source.geo.city_name'), london('source.geo.region_iso_code'), london('source.geo.timezone')]).toEqual([
      'London',
      'GB-ENG',
      'Europe/London',
    ]);
    expect(of('2001:218::1')('source.geo.country_iso_code')).toBe('JP');
  });

  it('that are cut leave the whole one in force, and say so', () => {
    const files = folderOf({ db: bytes('GeoLite2-City-Test.mmdb') });
    const enricher = city(files.path('db'), 30);
    writeFileSync(files.path('db'), bytes('GeoLite2-City-Test.mmdb').subarray(0, 10_000));
    enricher.refresh!();
    expect(enriched(enricher, { 'source.ip': '81.2.69.142' })('source.geo.city_name')).toBe('London');
    expect(enricher.status!().warning).toMatch(/stays in force/);
    writeFileSync(files.path('db'), bytes('GeoLite2-City-Test.mmdb'));
    enricher.refresh!();
    expect(enricher.status!().warning).toBeUndefined();
  });

  it('warn when they are older than they may be, the oldest of several', () => {
    const { built } = openMmdb(bytes('GeoLite2-City-Test.mmdb'));
    const files = folderOf({ db: bytes('GeoLite2-City-Test.mmdb'), asn: bytes('GeoLite2-ASN-Test.mmdb') });
    const after = (days: number) => city(files.path('db'), 30, () => built + days * day).status!();
    expect(after(30)).toEqual({ dataAgeDays: 30 });
    expect(after(31)).toMatchObject({ dataAgeDays: 31, warning: expect.stringMatching(/City.* is 31 days old/) as string });
    const asn = openMmdb(bytes('GeoLite2-ASN-Test.mmdb')).built;
    const networks = autonomousSystem({ asn: files.path('asn'), staleAfter: 7 }, () => asn + 8 * day);
    expect(networks.status!().warning).toMatch(/8 days old/);
  });

  it('tell networks and what hides behind them, and are read again', () => {
    const files = folderOf({ asn: bytes('GeoLite2-ASN-Test.mmdb'), anonymous: bytes('GeoIP2-Anonymous-IP-Test.mmdb') });
    const enricher = autonomousSystem({ asn: files.path('asn'), anonymous: files.path('anonymous'), staleAfter: 30 });
    const of = (ip: string) => enriched(enricher, { 'source.ip': ip });
    expect(of('1.128.0.0')('source.as.number')).toBe(1221);
    expect(of('1.2.0.0')('gatewatch.source.as.class')).toBe('vpn');
    writeFileSync(files.path('anonymous'), bytes('GeoLite2-Country-Test.mmdb'));
    enricher.refresh!();
    expect(of('1.2.0.0')('gatewatch.source.as.class')).toBeUndefined();
    expect(of('1.128.0.0')('source.as.number')).toBe(1221);
  });
});
