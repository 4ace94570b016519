import type { ByteReader, ByteWriter } from '../../window/bytes.js';
import { Episode } from '../../window/episode.js';
import type { KeyState } from '../../window/object-window.js';

/** Places kept per key. */
const most = 64;

/** Where a key was seen. */
export interface Place {
  readonly time: number;
  readonly offset: number;
  readonly lat: number;
  readonly lon: number;
  readonly address: string;
  readonly name: string;
  counted: boolean;
}

export class PlaceKey implements KeyState {
  places: Place[] = [];
  episodes: Episode[] = [];
  closing = Infinity;

  add(place: Place): void {
    let at = this.places.length;
    while (at > 0 && isAfter(this.places[at - 1]!, place)) at--;
    this.places.splice(at, 0, place);
  }

  /** Holds the cap: a place between two of the same address goes first (its neighbours are nearer in time to whatever lies outside), else the oldest. */
  thin(): void {
    while (this.places.length > most) {
      const { places } = this;
      const at = places.findIndex(({ address }, i) => i > 0 && address === places[i - 1]!.address && address === places[i + 1]?.address);
      places.splice(Math.max(at, 0), 1);
    }
  }

  prune(horizon: number): number {
    if (this.places.length && this.places[0]!.time < horizon) this.places = this.places.filter(({ time }) => time >= horizon);
    return this.places.at(-1)?.time ?? -Infinity;
  }

  write(into: ByteWriter): void {
    into.whole(this.places.length);
    for (const { time, offset, lat, lon, address, name, counted } of this.places) {
      for (const number of [time, offset, lat, lon]) into.number(number);
      into.text(address);
      into.text(name);
      into.byte(counted ? 1 : 0);
    }
    into.whole(this.episodes.length);
    for (const episode of this.episodes) episode.write(into);
  }

  read(from: ByteReader): void {
    this.places = Array.from({ length: from.whole() }, () => {
      const [time, offset, lat, lon] = [from.number(), from.number(), from.number(), from.number()];
      return { time, offset, lat, lon, address: from.text(), name: from.text(), counted: from.byte() === 1 };
    });
    this.episodes = Array.from({ length: from.whole() }, () => new Episode().read(from));
  }
}

function isAfter(one: Place, other: Place): boolean {
  return one.time > other.time || (one.time === other.time && one.offset > other.offset);
}
