/** A place on earth in degrees. */
export interface Point {
  readonly lat: number;
  readonly lon: number;
}

const earthRadius = 6371;
const degree = Math.PI / 180;

/** Great-circle distance in kilometres (haversine; sphere of 6,371 km, so up to 0.5 % off). */
export function kilometres(one: Point, other: Point): number {
  const lat = Math.sin(((other.lat - one.lat) * degree) / 2);
  const lon = Math.sin(((other.lon - one.lon) * degree) / 2);
  const square = lat * lat + Math.cos(one.lat * degree) * Math.cos(other.lat * degree) * lon * lon;
  return 2 * earthRadius * Math.asin(Math.min(1, Math.sqrt(square)));
}

/** The least distance somebody travelled, and how fast: both radii of uncertainty are taken off, and two calls at one time count as a second apart. */
export function journey(
  one: Point & { time: number },
  other: Point & { time: number },
  radius: number,
): { distance: number; speed: number } {
  const distance = Math.max(0, kilometres(one, other) - 2 * radius);
  const hours = Math.max(Math.abs(other.time - one.time), 1000) / 3_600_000;
  return { distance, speed: distance / hours };
}
