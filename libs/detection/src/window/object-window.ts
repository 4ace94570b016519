import type { ByteReader, ByteWriter } from './bytes.js';
import type { Episode } from './episode.js';
import { KeyedWindow } from './keyed.js';

/** What rule types without columns know of a key. */
export interface KeyState {
  /** Open episodes in time order. */
  episodes: readonly Episode[];
  /** Time of this key's valid entry in the closing heap. */
  closing: number;
  write(into: ByteWriter): void;
  read(from: ByteReader): void;
  /** Drops what lies before the horizon; the time of the newest thing left outside episodes, −∞ if there is none. */
  prune(horizon: number): number;
}

/** A window with one object per key: for rules whose matches are few against the traffic. */
export abstract class ObjectWindow<K extends KeyState> extends KeyedWindow {
  readonly #objects: (K | undefined)[] = [];

  protected abstract make(): K;

  /** How long an episode stays open after its last event; by default the timespan. */
  protected get quiet(): number {
    return this.rule.timespan;
  }

  /** How long a key's events matter behind the watermark; by default the timespan. */
  protected get memory(): number {
    return this.rule.timespan;
  }

  /** The state of a key, made if it is new. It counts as changed. */
  protected stateOf(key: number, time: number): { slot: number; state: K } {
    const isNew = !this.hasSlot(key);
    const slot = this.slotFor(key);
    if (isNew) {
      this.#objects[slot] = this.make();
      this.arm(slot, time + this.memory);
    }
    this.dirty(slot);
    return { slot, state: this.#objects[slot]! };
  }

  /** The state of a key that is there already. */
  protected knownState(key: number): K | undefined {
    return this.hasSlot(key) ? this.#objects[this.slotFor(key)] : undefined;
  }

  protected state(slot: number): K | undefined {
    return this.#objects[slot];
  }

  /** To be called when an episode was opened or its end changed in any way but growing. */
  protected armClosing(slot: number): void {
    const state = this.#objects[slot]!;
    const due = this.#nextClosing(state);
    if (due < state.closing) this.closes(slot, due);
  }

  protected isClosing(slot: number, due: number): boolean {
    return this.#objects[slot]?.closing === due;
  }

  protected closes(slot: number, due: number): void {
    const state = this.#objects[slot];
    if (!state) return;
    state.closing = due;
    if (due === Infinity) return;
    this.closing.push(due, slot);
    this.heed(due);
  }

  protected close(slot: number, watermark: number): number {
    const state = this.#objects[slot];
    if (!state) return Infinity;
    let some = false;
    for (const episode of state.episodes) {
      if (episode.last + this.quiet >= watermark) continue;
      some = true;
      episode.status = 'closed';
      this.touch(episode);
    }
    if (some) {
      state.episodes = state.episodes.filter(({ status }) => status === 'open');
      this.dirty(slot);
    }
    return this.#nextClosing(state);
  }

  protected prune(slot: number, watermark: number): number {
    const state = this.#objects[slot]!;
    const newest = state.prune(watermark - this.memory);
    let due = newest + this.memory;
    for (const { last } of state.episodes) due = Math.max(due, last + Math.max(this.quiet, this.memory));
    return due === -Infinity ? -1 : due;
  }

  protected encode(slot: number, into: ByteWriter): void {
    const state = this.#objects[slot]!;
    for (const { evidence } of state.episodes) evidence.settle(this.around.host, this.entities);
    state.write(into);
  }

  protected decode(slot: number, from: ByteReader): { idle: number; closing: number } {
    const state = this.make();
    state.read(from);
    this.#objects[slot] = state;
    for (const episode of state.episodes) this.revive(episode);
    return { idle: this.prune(slot, -Infinity), closing: this.#nextClosing(state) };
  }

  protected clear(slot: number): void {
    this.#objects[slot] = undefined;
  }

  #nextClosing({ episodes }: K): number {
    let due = Infinity;
    for (const { last } of episodes) due = Math.min(due, last + this.quiet);
    return due;
  }
}
