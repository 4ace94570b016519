import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Lookup } from 'geoip-lite';
import { BoundedCache } from '../../bounded-cache.js';
import { IP } from '../../slots.js';
import type { Enricher, EnricherStatus } from '../enricher.js';
import { fillPlace, isPlaced, nowhere, placeFields, type Place } from '../geo-place.js';
import { networkClass } from '../network/network.js';
import { geoipConfig, type GeoipConfig } from './config.js';

/** Addresses move: data older than this mislead rules on travel. */
const staleDays = 180;
const day = 86_400_000;

/**
 * Where `source.ip` is, by geoip-lite. Its data (154 MB on disk, 0.4 s) are loaded by the first public address. `now` is the wall clock for the age of
 * the data: it is asked only by `status`, never by `enrich`.
 */
export function geoip(config: Partial<GeoipConfig> = {}, now?: () => number): Enricher {
  const { cache } = geoipConfig.parse(config);
  const known = new BoundedCache<Place>(Math.ceil(cache / 2));
  let lookup: ((ip: string) => Lookup | null) | undefined;
  return {
    name: 'geoip',
    fields: placeFields,
    enrich(event) {
      const ip = event.values[IP];
      if (typeof ip !== 'string' || isPlaced(event)) return;
      let place = known.get(ip);
      if (place === undefined) {
        lookup ??= loadLookup();
        place = networkClass(ip) === 'public' ? placeOf(lookup(ip)) : nowhere;
        known.set(ip, place);
      }
      fillPlace(event, place);
    },
    status: () => (now ? ageStatus(now()) : {}),
    version: () => {
      const made = dataTime();
      return made === undefined ? undefined : new Date(made).toISOString().slice(0, 10);
    },
  };
}

const require = createRequire(import.meta.url);

function loadLookup(): (ip: string) => Lookup | null {
  return (require('geoip-lite') as { lookup: (ip: string) => Lookup | null }).lookup;
}

function placeOf(found: Lookup | null): Place {
  if (!found) return nowhere;
  const [lat, lon] = found.ll;
  const country = found.country || undefined;
  // 0, 0 is geoip-lite's "unknown", and the sea: nobody lives there.
  const located = typeof lat === 'number' && typeof lon === 'number' && (lat !== 0 || lon !== 0);
  return {
    country,
    region: country && found.region ? `${country}-${found.region}` : undefined,
    city: found.city || undefined,
    timezone: found.timezone || undefined,
    location: located ? { lat, lon } : undefined,
    accuracy: located && found.area > 0 ? found.area : undefined,
  };
}

function ageStatus(now: number): EnricherStatus {
  const made = dataTime();
  if (made === undefined) return { warning: 'The data of geoip-lite were not found: events get no geography.' };
  const dataAgeDays = Math.floor((now - made) / day);
  if (dataAgeDays <= staleDays) return { dataAgeDays };
  return {
    dataAgeDays,
    warning: `The geography of addresses is ${dataAgeDays} days old: rules on countries and travel may err. Update the data of geoip-lite (npm run updatedb in its folder, with a MaxMind licence key).`,
  };
}

/** The day in the name of the database that the data were made of, else the file's own time. */
export function dataTime(folder = defaultFolder()): number | undefined {
  if (folder === undefined) return undefined;
  try {
    const day = /_(\d{4})(\d\d)(\d\d)\.zip/.exec(readFileSync(join(folder, 'city.checksum'), 'utf8'));
    if (day) return Date.UTC(Number(day[1]), Number(day[2]) - 1, Number(day[3]));
    return statSync(join(folder, 'geoip-city.dat')).mtimeMs;
  } catch {
    // No data: the status says so.
    return undefined;
  }
}

function defaultFolder(): string | undefined {
  try {
    return join(dirname(require.resolve('geoip-lite/package.json')), 'data');
  } catch {
    return undefined;
  }
}
