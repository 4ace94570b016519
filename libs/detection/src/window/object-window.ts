import { ByteReader, ByteWriter } from './bytes.js';
import { ByteShelf } from './byte-shelf.js';
import type { Episode } from './episode.js';
import { KeyedWindow } from './keyed.js';
import { SlotRing } from './slot-ring.js';

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

/** Keys that are looked at for one event, at most, when there are too many with objects. */
const looks = 4;

/**
 * A window with one object per key: for rules whose matches are few against the traffic. Above `mostAwake` of them, keys that were left alone for longest
 * are kept as the bytes that would be saved of them, a tenth of the memory, until something is asked of them.
 */
export abstract class ObjectWindow<K extends KeyState> extends KeyedWindow {
  readonly #objects: (K | undefined)[] = [];
  /** Slots with an object, and those whose key is kept as bytes. */
  readonly #awake = new SlotRing();
  readonly #asleep = new ByteShelf();
  readonly #writer = new ByteWriter();

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
      this.#place(slot, this.make());
      this.arm(slot, time + this.memory);
    }
    this.dirty(slot);
    return { slot, state: this.state(slot) };
  }

  /** The state of a key that is there already. */
  protected knownState(key: number): K | undefined {
    return this.hasSlot(key) ? this.state(this.slotFor(key)) : undefined;
  }

  /** The state in a slot that is taken, valid until that of another is asked for. */
  protected state(slot: number): K {
    const state = this.#objects[slot] ?? this.#wake(slot);
    this.#awake.use(slot);
    if (this.#awake.size > this.around.mostAwake) this.#rest(slot);
    return state;
  }

  /** Whether nothing but its window refers to what is in a state without episodes. */
  protected rests(_state: K): boolean {
    return true;
  }

  #place(slot: number, state: K): void {
    this.#objects[slot] = state;
    this.#awake.add(slot);
  }

  #wake(slot: number): K {
    const state = this.make();
    state.read(new ByteReader(this.#asleep.get(slot)!));
    this.#asleep.drop(slot);
    this.#place(slot, state);
    return state;
  }

  /** Lays down keys that were left alone, but not the one at hand. */
  #rest(atHand: number): void {
    for (let left = looks; left > 0 && this.#awake.size > this.around.mostAwake; left--) {
      const slot = this.#awake.take();
      if (slot < 0) continue;
      const state = this.#objects[slot]!;
      if (slot !== atHand && state.episodes.length === 0 && state.closing === Infinity && this.rests(state)) {
        this.#writer.reset();
        state.write(this.#writer);
        if (this.#asleep.put(slot, this.#writer.view())) {
          this.#objects[slot] = undefined;
          continue;
        }
      }
      this.#awake.add(slot);
    }
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
    const state = this.#objects[slot] ?? this.#wake(slot);
    const newest = state.prune(watermark - this.memory);
    let due = newest + this.memory;
    for (const { last } of state.episodes) due = Math.max(due, last + Math.max(this.quiet, this.memory));
    if (this.#awake.size > this.around.mostAwake) this.#rest(slot);
    return due === -Infinity ? -1 : due;
  }

  encode(slot: number, into: ByteWriter): void {
    const state = this.#objects[slot];
    if (!state) return into.bytes(this.#asleep.get(slot)!);
    for (const { evidence } of state.episodes) evidence.settle(this.around.host, this.entities);
    state.write(into);
  }

  protected decode(slot: number, from: ByteReader): { idle: number; closing: number } {
    const state = this.make();
    state.read(from);
    this.#place(slot, state);
    for (const episode of state.episodes) this.revive(episode);
    return { idle: this.prune(slot, -Infinity), closing: this.#nextClosing(state) };
  }

  protected clear(slot: number): void {
    this.#objects[slot] = undefined;
    this.#awake.remove(slot);
    this.#asleep.drop(slot);
  }

  #nextClosing({ episodes }: K): number {
    let due = Infinity;
    for (const { last } of episodes) due = Math.min(due, last + this.quiet);
    return due;
  }
}
