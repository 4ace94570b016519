import { slot, type Event, type FieldName, type GeoPoint } from '#ecs';

const COUNTRY = slot['source.geo.country_iso_code'];
const REGION = slot['source.geo.region_iso_code'];
const CITY = slot['source.geo.city_name'];
const TIMEZONE = slot['source.geo.timezone'];
const LOCATION = slot['source.geo.location'];
const ACCURACY = slot['gatewatch.source.geo.accuracy_km'];

/** Fields that a place fills. */
export const placeFields: readonly FieldName[] = [
  'source.geo.country_iso_code',
  'source.geo.region_iso_code',
  'source.geo.city_name',
  'source.geo.timezone',
  'source.geo.location',
  'gatewatch.source.geo.accuracy_km',
];

/** Where a database says that an address is. */
export interface Place {
  readonly country: string | undefined;
  /** ISO 3166-2, country included. */
  readonly region: string | undefined;
  readonly city: string | undefined;
  readonly timezone: string | undefined;
  readonly location: GeoPoint | undefined;
  /** Kilometres around the location. */
  readonly accuracy: number | undefined;
}

export const nowhere: Place = {
  country: undefined,
  region: undefined,
  city: undefined,
  timezone: undefined,
  location: undefined,
  accuracy: undefined,
};

/** Whether the log itself says where the event came from, to the point. */
export function isPlaced({ values }: Event): boolean {
  return values[LOCATION] !== undefined;
}

/**
 * What the log says of a place stays. Where it names the country alone, as many identity providers do, the rest comes from the database if that knows the same
 * country: travel cannot be told without a location, and a location in another country would be a lie.
 */
export function fillPlace({ values }: Event, place: Place): void {
  // Cloudflare writes its countries small: to a rule that would be another one.
  const named = values[COUNTRY];
  if (typeof named === 'string') values[COUNTRY] = named.toUpperCase();
  if (place === nowhere || (named !== undefined && values[COUNTRY] !== place.country)) return;
  values[COUNTRY] = place.country;
  values[REGION] ??= place.region;
  values[CITY] ??= place.city;
  values[TIMEZONE] ??= place.timezone;
  values[LOCATION] = place.location;
  values[ACCURACY] = place.accuracy;
}
