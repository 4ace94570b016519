import { expect, it } from 'vitest';
import { writeMmdb } from '../../mmdb/write-mmdb.js';
import { enriched, folderOf } from '../enrich-spec-kit.js';
import { city } from './city.js';

it('tells where an address is by a database of the operator', () => {
  const record = {
    city: { names: { en: 'London' } },
    country: { iso_code: 'GB' },
    location: { accuracy_radius: 10, latitude: 51, longitude: 1, time_zone: 'Europe/London' },
    subdivisions: [{ iso_code: 'ENG' }],
  };
  const files = folderOf({ city: writeMmdb(28, { '81.2.69.0/24': record }) });
  const enricher = city(files.path('city'), 30, () => Date.UTC(2026, 0, 20));
  const of = enriched(enricher, { 'source.ip': '81.2.69.142' });
  expect(of('source.geo.country_iso_code')).toBe('GB');
  expect(of('source.geo.region_iso_code')).toBe('GB-ENG');
  expect(of('source.geo.city_name')).toBe('London');
  expect(of('source.geo.location')).toEqual({ lat: 51, lon: 1 });
  expect(of('gatewatch.source.geo.accuracy_km')).toBe(10);
  expect(enriched(enricher, { 'source.ip': '8.8.8.8' })('source.geo.country_iso_code')).toBeUndefined();
  expect(enricher.status!()).toEqual({ dataAgeDays: 10 });
  files.write('city', 'broken');
  enricher.refresh!();
  expect(enriched(enricher, { 'source.ip': '81.2.69.142' })('source.geo.city_name')).toBe('London');
  expect(enricher.status!().warning).toMatch(/stays in force/);
});
