import { z } from 'zod';
import { formatDuration } from '#time';
import type { Observation } from '../../detection.js';
import { absorb, earliestOpened, Episode } from '../../window/episode.js';
import { textOf } from '../../window/group.js';
import { ownCopy } from '../../window/key-table.js';
import { ObjectWindow } from '../../window/object-window.js';
import { PlaceKey, type Place } from './place.js';
import { journey } from './travel.js';

export const geoVelocitySettings = z.strictObject({
  speed: z.number().positive().default(800).describe('Slowest suspicious speed in km/h: airliners fly at about 900.'),
  distance: z.number().nonnegative().default(500).describe('Shortest suspicious distance in km, both radii taken off.'),
  radius: z.number().nonnegative().default(50).describe('How far off a place may be, in km.'),
});

interface Pair {
  readonly one: Place;
  readonly other: Place;
  readonly distance: number;
  readonly speed: number;
}

/** `geo_velocity`: two events of a key too far apart for the time between them. */
export class GeoVelocity extends ObjectWindow<PlaceKey> {
  readonly #settings = geoVelocitySettings.parse(this.rule.settings);
  readonly #slots = {
    location: this.around.index.slot('source.geo.location'),
    city: this.around.index.slot('source.geo.city_name'),
    country: this.around.index.slot('source.geo.country_iso_code'),
    address: this.around.index.slot('source.ip'),
  };

  observe(_input: number, key: number, observation: Observation): void {
    const location = this.#value(observation, this.#slots.location);
    if (typeof location !== 'object' || location === null || !('lat' in location)) return;
    const { slot, state } = this.stateOf(key, observation.time);
    const place: Place = {
      time: observation.time,
      offset: observation.offset,
      lat: location.lat,
      lon: location.lon,
      address: ownCopy(textOf(this.#value(observation, this.#slots.address))),
      name: this.#name(observation),
      counted: false,
    };
    state.prune(this.around.watermark - this.rule.timespan);
    const pairs = state.places.flatMap((other) => this.#pair(place, other) ?? []);
    state.add(place);
    state.thin();
    if (pairs.length) this.#take({ slot, state, pairs }, observation);
  }

  #value(observation: Observation, slot: number) {
    return observation.values[slot] ?? this.around.host.resolve(observation, slot);
  }

  #name(observation: Observation): string {
    const parts = [this.#value(observation, this.#slots.city), this.#value(observation, this.#slots.country)].map(textOf);
    return ownCopy(
      parts
        .filter((part) => part !== '')
        .join(', ')
        .slice(0, 100),
    );
  }

  #pair(place: Place, other: Place): Pair | undefined {
    // One address cannot travel, whatever the geography says of it; and where there is none, nobody knows.
    if (place.address !== '' && place.address === other.address) return undefined;
    if (Math.abs(place.time - other.time) > this.rule.timespan) return undefined;
    const { distance, speed } = journey(place, other, this.#settings.radius);
    if (distance < this.#settings.distance || speed < this.#settings.speed) return undefined;
    const inOrder = other.time < place.time || (other.time === place.time && other.offset < place.offset);
    return inOrder ? { one: other, other: place, distance, speed } : { one: place, other, distance, speed };
  }

  #take({ slot, state, pairs }: { slot: number; state: PlaceKey; pairs: readonly Pair[] }, observation: Observation): void {
    const first = Math.min(...pairs.map(({ one }) => one.time));
    const last = Math.max(...pairs.map(({ other }) => other.time));
    const reached = Math.min(...pairs.map(({ other }) => other.time));
    const touched = state.episodes.filter((episode) => episode.first <= last && episode.last >= first);
    const episode = touched.length
      ? earliestOpened(touched)
      : Object.assign(this.begin(new Episode(), slot, observation), { first, last, reached });
    const merged = touched.filter((other) => other !== episode);
    for (const other of merged) {
      absorb(episode, other);
      if (isFaster(other.measures, episode.measures)) Object.assign(episode, { measures: other.measures, note: other.note });
    }
    episode.first = Math.min(episode.first, first);
    episode.last = Math.max(episode.last, last);
    episode.reached = Math.min(episode.reached, reached);
    for (const pair of pairs) this.#count(episode, pair, observation);
    state.episodes = [...state.episodes.filter((other) => !touched.includes(other)), episode].sort((one, other) => one.first - other.first);
    for (const other of merged) {
      this.list(other);
      this.tell(other, observation);
    }
    this.touch(episode);
    this.armClosing(slot);
    this.tell(episode, observation);
  }

  #count(episode: Episode, pair: Pair, observation: Observation): void {
    for (const place of [pair.one, pair.other]) {
      if (place.counted) continue;
      place.counted = true;
      episode.count++;
      const own = place.offset === observation.offset ? observation : undefined;
      episode.evidence.add(this.exhibit(place.time, place.offset, own));
    }
    const measures = { speed_kmh: Math.round(pair.speed), distance_km: Math.round(pair.distance), at: pair.other.time };
    if (!isFaster(measures, episode.measures)) return;
    episode.measures = measures;
    const places = `${pair.one.name || pair.one.address} and ${pair.other.name || pair.other.address}`;
    const apart = formatDuration(pair.other.time - pair.one.time);
    episode.note = `${this.rule.rule.title}: ${places} are ${measures.distance_km} km apart and were seen within ${apart} (${measures.speed_kmh} km/h)`;
  }

  protected make(): PlaceKey {
    return new PlaceKey();
  }
}

/** The fastest pair is shown, the earliest of equals: which one that is does not depend on the order of arrival. */
function isFaster(one: Record<string, number> | undefined, other: Record<string, number> | undefined): boolean {
  if (!one || !other) return one !== undefined;
  const by = [one.speed_kmh! - other.speed_kmh!, one.distance_km! - other.distance_km!, other.at! - one.at!].find(
    (difference) => difference !== 0,
  );
  return by !== undefined && by > 0;
}
