import { BoundedCache } from '../../bounded-cache.js';
import { WatchedFile } from '../../files/watched-file.js';
import type { MmdbValue } from '../../mmdb/decode.js';
import { openMmdb, type Mmdb } from '../../mmdb/mmdb.js';
import { IP } from '../../slots.js';
import type { Enricher, EnricherStatus } from '../enricher.js';
import { fillPlace, isPlaced, nowhere, placeFields, type Place } from '../geo-place.js';

const day = 86_400_000;

/** Where `source.ip` is, by a city or country database of the operator. `now` is asked by `status` only. */
export function city(path: string, staleAfter: number, now?: () => number): Enricher {
  const file = new WatchedFile(path, openMmdb);
  let known = new BoundedCache<Place>(25_000);
  return {
    name: 'city',
    fields: placeFields,
    enrich(event) {
      const ip = event.values[IP];
      if (typeof ip !== 'string' || isPlaced(event)) return;
      let place = known.get(ip);
      if (place === undefined) known.set(ip, (place = placeOf(file.content.find(ip))));
      fillPlace(event, place);
    },
    refresh() {
      if (file.refresh()) known = new BoundedCache<Place>(25_000);
    },
    status: () => mmdbStatus(file, staleAfter, now),
    version: () => mmdbVersion(file),
  };
}

/** Kind and day of a database, and which of that day it is: vendors build some twice. */
export function mmdbVersion({ content: { type, built }, version }: WatchedFile<Mmdb>): string {
  return `${type} ${new Date(built).toISOString().slice(0, 10)} ${version}`;
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
    country,
    region: country !== undefined && region !== undefined ? `${country}-${region}` : undefined,
    city: name,
    timezone,
    location: typeof lat === 'number' && typeof lon === 'number' ? { lat, lon } : undefined,
    accuracy: typeof radius === 'number' ? radius : undefined,
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
