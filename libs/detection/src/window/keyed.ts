import type { Observation, StateWriter } from '../detection.js';
import { ByteReader, type ByteWriter } from './bytes.js';
import { DueHeap } from './due-heap.js';
import { DueWheel } from './due-wheel.js';
import type { Episode } from './episode.js';
import type { EntityFields, Exhibit } from './evidence.js';
import { EpisodeView } from './episode-view.js';
import type { Follower } from './follower.js';
import { signalId } from './hash.js';
import { grown, type KeyTable } from './key-table.js';
import { SavedKeys } from './saved-keys.js';
import { statePrefix, type Surroundings, type WindowRule } from './surroundings.js';

/** From this threshold on a rule counts traffic, not incidents. */
const manyEvents = 100;

/**
 * State of one rule by group key. A key has a slot, a number; what is known of it stands in typed columns or in `objects`. A wheel and a heap say
 * when the watermark next ends something: `idle` frees keys, `closing` closes episodes.
 */
export abstract class KeyedWindow {
  followers: Follower<KeyedWindow>[] = [];
  /** Rules that count this rule's episodes: told once an episode's beginning is final. */
  counters: Follower<KeyedWindow>[] = [];
  live = 0;
  evicted = 0;
  /** Nothing is to be done before the watermark passes this; never above `due`. */
  bound = Infinity;
  readonly #idle: DueWheel;
  protected readonly closing = new DueHeap((slot) => this.keyText(slot));
  #slotOf = new Int32Array(64);
  #keyOf = new Int32Array(64);
  readonly #free: number[] = [];
  readonly #saved: SavedKeys;
  #unannounced: Episode[] = [];
  #slots = 0;
  /** The event that opened the newest episode, and how many it opened: a burst that grows can complete several choices of a chain at once. */
  #opener = '';
  #opened = 0;

  constructor(
    readonly rule: WindowRule,
    readonly around: Surroundings,
    readonly keys: KeyTable,
    readonly entities: EntityFields,
  ) {
    this.#saved = new SavedKeys(statePrefix(rule), this);
    this.#idle = new DueWheel(Math.min(Math.max(rule.timespan / 4, 1000), 600_000), (slot) => this.keyText(slot));
  }

  /** One event or, from a rule that is counted, one episode at its `reached` time. `key` is a number of `keys`. */
  abstract observe(input: number, key: number, observation: Observation): void;
  /** An episode of an input opened, grew or was merged. Only rules that follow intervals care. */
  follow(_input: number, _key: number, _episode: Episode, _observation: Observation): void {}
  /** Ends what the watermark has passed in a slot: the next time to look, or −1 if nothing is left of the key. */
  protected abstract prune(slot: number, watermark: number): number;
  /** Closes episodes that end before the watermark: the next closing, +∞ if none is open. */
  protected abstract close(slot: number, watermark: number): number;
  /** Writes what is known of a key. */
  abstract encode(slot: number, into: ByteWriter): void;
  /** Fills a new slot: times to look at it, as `prune` and `close` give them. */
  protected abstract decode(slot: number, from: ByteReader): { readonly idle: number; readonly closing: number };
  /** Forgets what a slot held. */
  protected abstract clear(slot: number): void;
  /** Room for slots below `size`. */
  protected widen(_size: number): void {}
  /** Work that waits for the watermark without a key, before episodes close. */
  protected settle(_watermark: number): void {}
  protected settleDue(): number {
    return Infinity;
  }

  /** Whether matches of an input are traffic, many and little looked at: then they are not remembered one by one for evidence. */
  isTraffic(_input: number): boolean {
    return this.rule.threshold >= manyEvents;
  }

  /** Slots of an event that this rule reads beside its group. */
  get readsSlots(): readonly number[] {
    const { field, otherFields = [] } = this.rule;
    return field === undefined ? [] : [field, ...otherFields].map((name) => this.around.index.slot(name));
  }

  /** How far behind the watermark an episode's interval can still change. */
  get lag(): number {
    return this.rule.timespan;
  }

  /** The watermark at which there is something to do: when it is above this. */
  get due(): number {
    let due = Math.min(this.#idle.next, this.closing.next, this.settleDue());
    for (const { reached } of this.#unannounced) due = Math.min(due, reached);
    return due;
  }

  advance(watermark: number): void {
    this.settle(watermark);
    if (this.#unannounced.length) this.#announce(watermark);
    while (this.closing.next < watermark) {
      const due = this.closing.next;
      const slot = this.closing.pop();
      if (!this.isClosing(slot, due)) continue;
      this.#saved.beforeChange(slot);
      this.closes(slot, this.close(slot, watermark));
    }
    if (this.#idle.next < watermark) this.#idle.take(watermark, this.#lookAt);
    this.bound = this.due;
  }

  readonly #lookAt = (slot: number, watermark: number): number => {
    this.#saved.beforeChange(slot);
    const due = this.prune(slot, watermark);
    if (due < 0) this.#release(slot);
    return due;
  };

  keyText(slot: number): string {
    return this.keys.text(this.#keyOf[slot]!);
  }

  /** The closing heap may hold entries that were overtaken by an earlier one. */
  protected abstract isClosing(slot: number, due: number): boolean;
  protected abstract closes(slot: number, due: number): void;

  /**
   * The slot of a key, made if it is new; then `isNew` is true and the caller has to `arm` it. To be asked before anything of the key is changed: what a save
   * under way has not written yet is written now.
   */
  protected slotFor(key: number): number {
    if (key >= this.#slotOf.length) this.#slotOf = grown(this.#slotOf, key + 1);
    const known = this.#slotOf[key]!;
    if (known > 0) {
      this.#saved.beforeChange(known - 1);
      return known - 1;
    }
    this.keys.hold(key);
    if (this.live >= this.around.maxKeys) {
      this.#evict();
      // The rule that counts what was given up may have given up one of its own, and counted it under this key.
      if (this.hasSlot(key)) {
        this.keys.release(key);
        return this.slotFor(key);
      }
    }
    const slot = this.#free.pop() ?? this.#slots++;
    if (slot >= this.#keyOf.length) {
      this.#keyOf = grown(this.#keyOf, slot + 1);
      this.#saved.widen(this.#keyOf.length);
    }
    this.widen(this.#keyOf.length);
    this.#slotOf[key] = slot + 1;
    this.#keyOf[slot] = key;
    this.live++;
    return slot;
  }

  protected hasSlot(key: number): boolean {
    return key < this.#slotOf.length && this.#slotOf[key]! > 0;
  }

  protected arm(slot: number, due: number): void {
    this.#idle.push(due, slot);
    this.heed(this.#idle.next);
  }

  /** Has the detector look again when the watermark passes `due`. */
  protected heed(due: number): void {
    if (due < this.bound) this.bound = due;
    if (due < this.around.nextDue) this.around.nextDue = due;
  }

  protected dirty(slot: number): void {
    if (this.around.durable) this.#saved.changed(slot);
  }

  /** Names an episode after the event that opened it; the second and third that it opens are numbered, in order of time. */
  protected begin<E extends Episode>(episode: E, slot: number, opening: Observation): E {
    episode.key = this.keyText(slot);
    episode.openedBy = opening.offset;
    const { id: opener } = opening;
    this.#opened = opener === this.#opener ? this.#opened + 1 : 1;
    this.#opener = opener;
    const parts = [this.rule.rule.id, this.rule.rule.version, episode.key, opener];
    episode.id = signalId(...(this.#opened > 1 ? [...parts, String(this.#opened)] : parts));
    if (this.counters.length) this.#unannounced.push(episode);
    return episode;
  }

  /** Counts one change and puts the episode on the list of changes. */
  protected touch(episode: Episode): void {
    episode.revision++;
    if (this.counters.length && !episode.announced) this.heed(episode.reached);
    this.list(episode);
  }

  protected list(episode: Episode): void {
    episode.arrival = this.around.arrival;
    if (episode.listed) return;
    episode.listed = true;
    if (this.rule.generates) this.around.changes.push({ window: this, episode });
  }

  protected tell(episode: Episode, observation: Observation): void {
    if (this.followers.length === 0) return;
    const view = new EpisodeView(episode, this);
    for (const { window, input, reader } of this.followers) {
      const key = reader.read(view);
      if (key >= 0) window.follow(input, key, episode, observation);
      reader.settle();
    }
  }

  /** Evidence of one event: the event itself, or what can still be found of it. */
  exhibit(time: number, offset: number, event?: Observation): Exhibit {
    const found = event && !(event instanceof EpisodeView) ? event : this.around.recent.find(offset);
    return found ? { time, offset, event: found } : { time, offset };
  }

  /** Begins to save the keys that changed: as they are now, whatever happens before `saveSome` comes to them. */
  beginSave(into: StateWriter, writer: ByteWriter): void {
    this.#saved.begin(into, writer);
  }

  /** Writes up to `most` of these keys. Tells how many: fewer when all are written. */
  saveSome(most: number): number {
    return this.#saved.some(most);
  }

  /** Has up to so many keys saved again that did not change, going round. Gives how many: fewer at the end of a round. */
  saveAgain(most: number): number {
    return this.#saved.again(most, this.#slots);
  }

  restore(bytes: Uint8Array): void {
    const reader = new ByteReader(bytes);
    const slot = this.slotFor(this.keys.id(reader.text()));
    this.#saved.restored(slot);
    const { idle, closing } = this.decode(slot, reader);
    this.arm(slot, idle);
    if (closing < Infinity) this.closes(slot, closing);
  }

  /** An episode that came back from saved state. */
  protected revive(episode: Episode): void {
    if (this.counters.length && !episode.announced) this.#unannounced.push(episode);
    if (!episode.listed) return;
    episode.listed = false;
    const arrival = this.around.arrival;
    this.around.arrival = episode.arrival;
    this.list(episode);
    this.around.arrival = arrival;
  }

  #release(slot: number): void {
    const key = this.#keyOf[slot]!;
    this.#saved.freed(slot, this.keys.text(key));
    this.clear(slot);
    this.#slotOf[key] = 0;
    this.keys.release(key);
    this.#free.push(slot);
    this.live--;
  }

  /** Gives up the key that has been silent longest, as event time goes. */
  #evict(): void {
    const slot = this.#idle.popOldest((candidate) => this.prune(candidate, -Infinity));
    this.#saved.beforeChange(slot);
    this.close(slot, Infinity);
    this.#release(slot);
    this.evicted++;
    this.around.evicted(this.rule.rule);
  }

  #announce(watermark: number): void {
    const final = this.#unannounced.filter(({ status, reached }) => status !== 'merged' && reached < watermark);
    this.#unannounced = this.#unannounced.filter(
      ({ status, reached, announced }) => status !== 'merged' && reached >= watermark && !announced,
    );
    final.sort((one, other) => one.reached - other.reached || (one.id < other.id ? -1 : 1));
    for (const episode of final) {
      if (episode.announced) continue;
      this.announced(episode);
      episode.announced = true;
      const view = new EpisodeView(episode, this);
      for (const { window, input, reader } of this.counters) {
        const key = reader.read(view);
        if (key >= 0) window.observe(input, key, view);
        reader.settle();
      }
    }
  }

  /** An episode is about to be announced: its key has to be saved. */
  protected announced(episode: Episode): void {
    const key = this.keys.id(episode.key);
    if (this.hasSlot(key)) this.dirty(this.slotFor(key));
    // Given up meanwhile, here: another rule may hold it.
    else if (this.keys.uses(key) === 0) this.keys.release(key);
  }
}
