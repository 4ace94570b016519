import type { Observation } from '../detection.js';
import type { ByteReader, ByteWriter } from './bytes.js';
import { Episode } from './episode.js';
import { ObjectWindow, type KeyState } from './object-window.js';

/** An event that waits for the watermark. */
export interface Waiting {
  readonly time: number;
  readonly offset: number;
  readonly id: string;
  readonly key: string;
  /** What the rule type reads of it. */
  readonly value: number;
}

/** State of a key whose events are taken in order of time. */
export abstract class SortedKey implements KeyState {
  waiting: Waiting[] = [];
  episodes: Episode[] = [];
  closing = Infinity;

  /** Drops what lies before the horizon; the time of the newest thing left, −∞ if there is none. */
  protected abstract pruneOwn(horizon: number): number;
  protected abstract writeOwn(into: ByteWriter): void;
  protected abstract readOwn(from: ByteReader): void;

  prune(horizon: number): number {
    return this.waiting.reduce((newest, { time }) => Math.max(newest, time), this.pruneOwn(horizon));
  }

  write(into: ByteWriter): void {
    into.whole(this.waiting.length);
    for (const { time, offset, id, key, value } of this.waiting) {
      for (const number of [time, offset, value]) into.number(number);
      into.text(id);
      into.text(key);
    }
    into.whole(this.episodes.length);
    for (const episode of this.episodes) episode.write(into);
    this.writeOwn(into);
  }

  read(from: ByteReader): void {
    this.waiting = Array.from({ length: from.whole() }, () => {
      const [time, offset, value] = [from.number(), from.number(), from.number()];
      return { time, offset, value, id: from.text(), key: from.text() };
    });
    this.episodes = Array.from({ length: from.whole() }, () => new Episode().read(from));
    this.readOwn(from);
  }
}

/** Events that may wait for the watermark, over all keys of a rule; above it the oldest is decided before its time. */
const mostWaiting = 1_000_000;

/**
 * A window that takes the events of its keys in order of (time, offset): each once the watermark has passed it, when nothing before it can come any more. So
 * its rule may depend on the order of events and still not on the order of arrival. Price: signals come a grace later.
 */
export abstract class SortedWindow<K extends SortedKey> extends ObjectWindow<K> {
  #queue: Waiting[] = [];
  /** Entries of the queue before this one are done. */
  #done = 0;

  protected override rests({ waiting }: K): boolean {
    return waiting.length === 0;
  }

  protected abstract take(parts: { slot: number; state: K; event: Waiting }): void;

  protected enqueue(key: number, { time, offset, id }: Pick<Observation, 'time' | 'offset' | 'id'>, value: number): void {
    const { state } = this.stateOf(key, time);
    const waiting = { time, offset, id, value, key: this.keys.text(key) };
    state.waiting.push(waiting);
    this.#insert(waiting);
    if (this.#queue.length - this.#done > mostWaiting) this.#decide(this.#queue[this.#done++]!);
  }

  #insert(waiting: Waiting): void {
    let at = this.#queue.length;
    while (at > this.#done && isAfter(this.#queue[at - 1]!, waiting)) at--;
    if (at === this.#queue.length) this.#queue.push(waiting);
    else this.#queue.splice(at, 0, waiting);
    this.heed(waiting.time);
  }

  protected override settleDue(): number {
    return this.#queue[this.#done]?.time ?? Infinity;
  }

  protected override settle(watermark: number): void {
    while (this.#done < this.#queue.length && this.#queue[this.#done]!.time < watermark) this.#decide(this.#queue[this.#done++]!);
    if (this.#done < 1024 && this.#done < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#done);
    this.#done = 0;
  }

  #decide(event: Waiting): void {
    const key = this.keys.id(event.key);
    // The key may have been given up meanwhile, under the cap on keys.
    if (!this.hasSlot(key)) {
      if (this.keys.uses(key) === 0) this.keys.release(key);
      return;
    }
    const { slot, state } = this.stateOf(key, event.time);
    const at = state.waiting.indexOf(event);
    if (at < 0) return;
    state.waiting.splice(at, 1);
    this.take({ slot, state, event });
  }

  /** The open episode that reaches back to `first`, or a new one opened by the event. */
  protected episodeFrom(
    first: number,
    { slot, state, event }: { slot: number; state: K; event: Waiting },
  ): { episode: Episode; fresh: boolean } {
    const known = state.episodes.at(-1);
    if (known && known.last >= first) return { episode: known, fresh: false };
    const episode = Object.assign(this.begin(new Episode(), slot, this.opening(event)), { first, last: event.time, reached: event.time });
    state.episodes.push(episode);
    return { episode, fresh: true };
  }

  protected opening({ time, offset, id }: Waiting): Observation {
    return this.around.recent.find(offset) ?? { time, stamp: time, offset, arrival: this.around.arrival, source: '', id, values: [] };
  }

  /** To be called when an episode grew to hold an event: it is counted, told, and will be closed. */
  protected grew(episode: Episode, slot: number, event: Waiting): void {
    episode.last = event.time;
    this.touch(episode);
    this.armClosing(slot);
    this.tell(episode, this.opening(event));
  }

  protected override decode(...parts: Parameters<ObjectWindow<K>['decode']>): { idle: number; closing: number } {
    const due = super.decode(...parts);
    for (const waiting of this.state(parts[0]).waiting) this.#insert(waiting);
    return due;
  }
}

function isAfter(one: Waiting, other: Waiting): boolean {
  return (
    one.time > other.time ||
    (one.time === other.time && (one.offset > other.offset || (one.offset === other.offset && one.value > other.value)))
  );
}
