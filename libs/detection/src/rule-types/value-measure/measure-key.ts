import type { ByteReader, ByteWriter } from '../../window/bytes.js';
import { Episode } from '../../window/episode.js';
import type { KeyState } from '../../window/object-window.js';

/** One event: its number, or the hash of its text where values are only compared. */
export interface Measured {
  readonly time: number;
  readonly offset: number;
  readonly value: number;
  /** Id of the event while its window waits for the watermark; empty once it is judged. */
  id: string;
}

/** Events kept per key. Above it the oldest goes. */
const most = 4096;

/** What is known of one key: its events in order of (time, offset). */
export class MeasureKey implements KeyState {
  events: Measured[] = [];
  episodes: Episode[] = [];
  closing = Infinity;

  add(event: Measured): void {
    const { events } = this;
    if (events.length === 0) {
      // Most keys have one event; an array that grows to it would have room for seventeen.
      this.events = [event];
      return;
    }
    let at = events.length;
    while (at > 0 && isAfter(events[at - 1]!, event)) at--;
    events.splice(at, 0, event);
    if (events.length > most) events.shift();
  }

  /** Events from a time to another, both included. */
  between(from: number, to: number): Measured[] {
    return this.events.filter(({ time }) => time >= from && time <= to);
  }

  prune(horizon: number): number {
    let count = 0;
    while (count < this.events.length && this.events[count]!.time < horizon && this.events[count]!.id === '') count++;
    if (count > 0) this.events.splice(0, count);
    return this.events.at(-1)?.time ?? -Infinity;
  }

  write(into: ByteWriter): void {
    into.whole(this.events.length);
    for (const { time, offset, value, id } of this.events) {
      into.number(time);
      into.whole(offset);
      into.number(value);
      into.text(id);
    }
    into.whole(this.episodes.length);
    for (const episode of this.episodes) episode.write(into);
  }

  read(from: ByteReader): void {
    this.events = Array.from({ length: from.whole() }, () => ({
      time: from.number(),
      offset: from.whole(),
      value: from.number(),
      id: from.text(),
    }));
    this.episodes = Array.from({ length: from.whole() }, () => new Episode().read(from));
  }
}

export function isAfter(one: { time: number; offset: number }, other: { time: number; offset: number }): boolean {
  return one.time > other.time || (one.time === other.time && one.offset > other.offset);
}
