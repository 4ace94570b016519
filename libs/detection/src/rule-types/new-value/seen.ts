import type { ByteReader, ByteWriter } from '../../window/bytes.js';
import { Episode } from '../../window/episode.js';
import type { KeyState } from '../../window/object-window.js';

/** An event that waits for the watermark. */
export interface Waiting {
  readonly time: number;
  readonly offset: number;
  readonly id: string;
  readonly key: string;
  readonly value: string;
  readonly hash: number;
}

/** Values kept per key; the one not seen for longest goes first. */
const most = 256;

/** What a key was seen with, up to the watermark. */
export class SeenKey implements KeyState {
  /** Time of the key's first event, +∞ before it is decided. */
  since = Infinity;
  /** Last time of each value, by its hash. */
  readonly values = new Map<number, number>();
  waiting: Waiting[] = [];
  episodes: Episode[] = [];
  closing = Infinity;

  see(hash: number, time: number): void {
    this.values.delete(hash);
    this.values.set(hash, time);
    if (this.values.size > most) this.values.delete(this.values.keys().next().value!);
  }

  prune(horizon: number): number {
    let newest = -Infinity;
    for (const [hash, time] of this.values) {
      if (time < horizon) this.values.delete(hash);
      else newest = Math.max(newest, time);
    }
    for (const { time } of this.waiting) newest = Math.max(newest, time);
    return newest;
  }

  write(into: ByteWriter): void {
    into.number(this.since === Infinity ? -1 : this.since);
    into.whole(this.values.size);
    for (const [hash, time] of this.values) {
      into.whole(hash);
      into.number(time);
    }
    into.whole(this.waiting.length);
    for (const { time, offset, id, key, value, hash } of this.waiting) {
      into.number(time);
      into.whole(offset);
      for (const text of [id, key, value]) into.text(text);
      into.whole(hash);
    }
    into.whole(this.episodes.length);
    for (const episode of this.episodes) episode.write(into);
  }

  read(from: ByteReader): void {
    const since = from.number();
    this.since = since === -1 ? Infinity : since;
    for (let left = from.whole(); left > 0; left--) this.values.set(from.whole(), from.number());
    this.waiting = Array.from({ length: from.whole() }, () => {
      const [time, offset] = [from.number(), from.whole()];
      return { time, offset, id: from.text(), key: from.text(), value: from.text(), hash: from.whole() };
    });
    this.episodes = Array.from({ length: from.whole() }, () => new Episode().read(from));
  }
}
