import { slot, type FieldName, type GeoPoint } from '#ecs';
import { BoundedCache } from '../../bounded-cache.js';
import { WatchedFile } from '../../files/watched-file.js';
import type { MmdbValue } from '../../mmdb/decode.js';
import { openMmdb, type Mmdb } from '../../mmdb/mmdb.js';
import { IP } from '../../slots.js';
import type { Enricher, EnricherStatus } from '../enricher.js';

const COUNTRY = slot['source.geo.country_iso_code'];
const REGION = slot['source.geo.region_iso_code'];
const CITY = slot['source.geo.city_name'];
const TIMEZONE = slot['source.geo.timezone'];
const LOCATION = slot['source.geo.location'];
const ACCURACY = slot['gatewatch.source.geo.accuracy_km'];
const fields: readonly FieldName[] = [
  'source.geo.country_iso_code',
  'source.geo.region_iso_code',
  'source.geo.city_name',
  'source.geo.timezone',
  'source.geo.location',
  'gatewatch.source.geo.accuracy_km',
];
const day = 86_400_000;

interface Place {
  readonly country?: string;
  readonly region?: string;
  readonly city?: string;
  readonly timezone?: string;
  readonly location?: GeoPoint;
  readonly accuracy?: number;
}
const nowhere: Place = {};

/** Where `source.ip` is, by a city or country database of the operator. `now` is asked by `status` only. */
export function city(path: string, staleAfter: number, now?: () => number): Enricher {
  const file = new WatchedFile(path, openMmdb);
  let known = new BoundedCache<Place>(25_000);
  return {
    name: 'city',
    fields,
    enrich({ values }) {
      const ip = values[IP];
      if (typeof ip !== 'string' || values[COUNTRY] !== undefined || values[LOCATION] !== undefined) return;
      let place = known.get(ip);
      if (place === undefined) known.set(ip, (place = placeOf(file.content.find(ip))));
      if (place === nowhere) return;
      values[COUNTRY] = place.country;
      values[REGION] = place.region;
      values[CITY] = place.city;
      values[TIMEZONE] = place.timezone;
      values[LOCATION] = place.location;
      values[ACCURACY] = place.accuracy;
    },
    refresh() {
      if (file.refresh()) known = new BoundedCache<Place>(25_000);
    },
    status: () => mmdbStatus(file, staleAfter, now),
  };
}

/** Age and state of a database. */
export function mmdbStatus(file: WatchedFile<Mmdb>, staleAfter: number, now: (() => number) | undefined): EnricherStatus {
  const { type, built } = file.content;
  const dataAgeDays = now === undefined ? undefined : Math.max(0, Math.floor((now() - built) / day));
  const stale =
    dataAgeDays !== undefined && dataAgeDays > staleAfter
      ? `The database ${type} is ${dataAgeDays} days old: rules that use it may err.`
      : undefined;
  const warning = file.problem ?? stale;
  return { ...(dataAgeDays !== undefined && { dataAgeDays }), ...(warning !== undefined && { warning }) };
}

function placeOf(found: MmdbValue | undefined): Place {
  if (found === undefined) return nowhere;
  const country = text(at(found, 'country', 'iso_code')) ?? text(at(found, 'registered_country', 'iso_code'));
  const region = text(at(found, 'subdivisions', '0', 'iso_code'));
  const [lat, lon] = [at(found, 'location', 'latitude'), at(found, 'location', 'longitude')];
  const radius = at(found, 'location', 'accuracy_radius');
  const timezone = text(at(found, 'location', 'time_zone'));
  const name = text(at(found, 'city', 'names', 'en'));
  return {
    ...(country !== undefined && { country }),
    ...(country !== undefined && region !== undefined && { region: `${country}-${region}` }),
    ...(name !== undefined && { city: name }),
    ...(timezone !== undefined && { timezone }),
    ...(typeof lat === 'number' && typeof lon === 'number' && { location: { lat, lon } }),
    ...(typeof radius === 'number' && { accuracy: radius }),
  };
}

/** A value by its keys; a list's entries have numbers for keys. */
export function at(value: MmdbValue | undefined, ...path: readonly string[]): MmdbValue | undefined {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object') return undefined;
    found = Array.isArray(found) ? found[Number(key)] : found[key];
  }
  return found;
}

export function text(value: MmdbValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
