import type { Observation } from '../../detection.js';
import type { ByteReader, ByteWriter } from '../../window/bytes.js';
import type { Entries } from '../../window/entries.js';
import type { Exhibit } from '../../window/evidence.js';
import { fewEvents, type FewEvent } from '../../window/few-events.js';
import { grown } from '../../window/key-table.js';
import { KeyedWindow } from '../../window/keyed.js';
import { join, type Stretch } from './join.js';
import { CountEpisode, CountKey } from './run.js';
import { stretchInside, stretchOutside } from './stretch.js';

/** Events that stand in columns before a key gets an object. Most keys of an open system never have more. */
const inline = 2;
/** Objects kept for the next key that needs one. */
const mostSpare = 4096;

/**
 * `event_count gte N` within W. A key in the columns has at most two loose events and no episode; any other key has a `CountKey`.
 * Why what is kept is enough: README.md beside this file.
 */
export class EventCount extends KeyedWindow {
  #count = new Uint8Array(0);
  #times = new Float64Array(0);
  #offsets = new Float64Array(0);
  readonly #objects: (CountKey | undefined)[] = [];
  /** Empty objects to use again: in busy traffic keys cross between columns and objects all the time. */
  readonly #spare: CountKey[] = [];
  /** For saving a key in the columns as any other. */
  readonly #plain = new CountKey();
  readonly #few = fewEvents(this, false);

  observe(_input: number, key: number, observation: Observation): void {
    if (this.#few && !this.hasSlot(key) && this.#few.keeps(key, observation, 0, this.around.watermark)) return;
    const slot = this.#slotAt(key, observation.time);
    this.dirty(slot);
    let object = this.#objects[slot];
    if (!object) {
      if (this.#addInline(slot, observation)) return;
      object = this.#inflate(slot);
    }
    const { loose, episodes } = object;
    const { timespan, threshold } = this.rule;
    if (loose.length > 0 && loose.time(0) < this.around.watermark - timespan) loose.dropBefore(this.around.watermark - timespan);
    const newest = episodes.length > 0 ? episodes[episodes.length - 1] : undefined;
    const end = loose.length > 0 ? loose.time(loose.length - 1) : -Infinity;
    if (newest && end < newest.first && observation.time >= newest.last) {
      const since = threshold === 1 ? newest.last : newest.tail.time(0);
      if (observation.time - since <= timespan) {
        this.#grow(newest, observation);
        return;
      }
    }
    if (!newest && observation.time >= end && !this.#completes(loose, observation.time)) {
      loose.push(observation.time, observation.offset);
      return;
    }
    this.#insert(slot, object, observation);
  }

  #slotAt(key: number, time: number): number {
    const isNew = !this.hasSlot(key);
    const slot = this.slotFor(key);
    if (isNew) this.arm(slot, time + this.rule.timespan);
    return slot;
  }

  adopt(key: number, events: readonly FewEvent[]): void {
    const slot = this.#slotAt(key, this.around.watermark);
    const { loose } = this.#inflate(slot);
    for (const { time, offset } of events) loose.insert(loose.place(time, offset), time, offset, 0);
  }

  /** Whether an event at the end of a key without episodes completes a window. */
  #completes(loose: Entries, time: number): boolean {
    const others = this.rule.threshold - 1;
    return others <= loose.length && (others === 0 || time - loose.time(loose.length - others) <= this.rule.timespan);
  }

  #addInline(slot: number, { time, offset }: Observation): boolean {
    const at = slot * inline;
    let count = this.#count[slot]!;
    const horizon = this.around.watermark - this.rule.timespan;
    while (count > 0 && this.#times[at]! < horizon) count = this.#shift(slot, count);
    if (count === inline || count + 1 >= this.rule.threshold) return false;
    const second = count === 1 && this.#times[at]! <= time ? 1 : 0;
    if (count === 1 && second === 0) {
      this.#times[at + 1] = this.#times[at]!;
      this.#offsets[at + 1] = this.#offsets[at]!;
    }
    this.#times[at + second] = time;
    this.#offsets[at + second] = offset;
    this.#count[slot] = count + 1;
    return true;
  }

  #shift(slot: number, count: number): number {
    const at = slot * inline;
    this.#times[at] = this.#times[at + 1]!;
    this.#offsets[at] = this.#offsets[at + 1]!;
    return (this.#count[slot] = count - 1);
  }

  #inflate(slot: number): CountKey {
    const object = (this.#objects[slot] = this.#spare.pop() ?? new CountKey());
    for (let i = 0; i < this.#count[slot]!; i++) object.loose.push(this.#times[slot * inline + i]!, this.#offsets[slot * inline + i]!);
    this.#count[slot] = 0;
    return object;
  }

  /** The flood path: an event at the end of the newest episode. */
  #grow(episode: CountEpisode, observation: Observation): void {
    const { time, offset } = observation;
    const { threshold } = this.rule;
    episode.last = time;
    episode.count++;
    if (threshold > 1) {
      episode.tail.push(time, offset);
      episode.tail.dropFront(1);
    }
    this.#changed(episode, observation);
  }

  #changed(episode: CountEpisode, observation: Observation): void {
    if (episode.evidence.wants(observation.time)) episode.evidence.add(this.exhibit(observation.time, observation.offset, observation));
    this.touch(episode);
    this.tell(episode, observation);
  }

  #insert(slot: number, object: CountKey, observation: Observation): void {
    const { time, offset } = observation;
    const inside = object.episodes.find((episode) => episode.first <= time && time <= episode.last);
    if (inside) {
      inside.count++;
      this.#place(inside, time, offset);
      inside.reached = inside.head.time(this.rule.threshold - 1);
      const stretch = stretchInside(object, inside, observation, this.rule);
      if (stretch) this.#join(slot, object, stretch, observation);
      else this.#changed(inside, observation);
      return;
    }
    const at = object.loose.place(time, offset);
    const stretch = stretchOutside(object, at, time, this.rule);
    object.loose.insert(at, time, offset, 0);
    if (stretch) this.#join(slot, object, stretch, observation);
  }

  /** Puts an entry where an episode keeps it, if it does. */
  #place({ head, tail }: CountEpisode, time: number, offset: number): void {
    const { threshold } = this.rule;
    const front = head.place(time, offset);
    if (front < threshold) {
      head.insert(front, time, offset, 0);
      if (head.length > threshold) head.remove(threshold, 1);
    }
    const back = tail.place(time, offset);
    if (back > 0 || tail.length < threshold - 1) {
      tail.insert(back, time, offset, 0);
      if (tail.length > threshold - 1) tail.dropFront(1);
    }
  }

  #join(slot: number, object: CountKey, stretch: Stretch, observation: Observation): void {
    const { from, to, episodes } = stretch;
    const fresh = episodes.length === 0 ? this.begin(new CountEpisode(), slot, observation) : undefined;
    const exhibits = this.#exhibits(object, stretch, observation);
    const { episode, merged } = join(object, { from, to, episodes }, fresh, this.rule.threshold);
    for (const exhibit of exhibits) episode.evidence.add(exhibit);
    for (const other of merged) {
      this.list(other);
      this.tell(other, observation);
    }
    this.touch(episode);
    this.#armClosing(slot);
    this.tell(episode, observation);
  }

  /** Evidence for what a stretch takes in: of loose entries only the outermost can show. */
  #exhibits({ loose }: CountKey, { from, to }: Stretch, observation: Observation): Exhibit[] {
    const exhibits: Exhibit[] = [];
    let own = false;
    for (let i = from; i < to; i++) {
      if (i - from >= 10 && to - i > 10) continue;
      const isOwn = loose.offset(i) === observation.offset;
      own ||= isOwn;
      exhibits.push(this.exhibit(loose.time(i), loose.offset(i), isOwn ? observation : undefined));
    }
    if (!own) exhibits.push(this.exhibit(observation.time, observation.offset, observation));
    return exhibits;
  }

  #armClosing(slot: number): void {
    const object = this.#objects[slot]!;
    let due = Infinity;
    for (const { last } of object.episodes) due = Math.min(due, last + this.rule.timespan);
    if (due < object.closing) this.closes(slot, due);
  }

  protected isClosing(slot: number, due: number): boolean {
    return this.#objects[slot]?.closing === due;
  }

  protected closes(slot: number, due: number): void {
    const object = this.#objects[slot];
    if (!object) return;
    object.closing = due;
    if (due === Infinity) return;
    this.closing.push(due, slot);
    this.heed(due);
  }

  protected close(slot: number, watermark: number): number {
    const object = this.#objects[slot];
    if (!object) return Infinity;
    let due = Infinity;
    for (const episode of object.episodes) {
      if (episode.last + this.rule.timespan < watermark) {
        episode.status = 'closed';
        this.dirty(slot);
        this.touch(episode);
      } else due = Math.min(due, episode.last + this.rule.timespan);
    }
    if (object.episodes.some(({ status }) => status === 'closed'))
      object.episodes = object.episodes.filter(({ status }) => status === 'open');
    return due;
  }

  protected prune(slot: number, watermark: number): number {
    const horizon = watermark - this.rule.timespan;
    const object = this.#objects[slot];
    if (!object) {
      let count = this.#count[slot]!;
      while (count > 0 && this.#times[slot * inline]! < horizon) count = this.#shift(slot, count);
      return count === 0 ? -1 : this.#times[slot * inline + count - 1]! + this.rule.timespan;
    }
    const { loose, episodes } = object;
    loose.dropBefore(horizon);
    if (episodes.length === 0 && loose.length <= inline) {
      this.#deflate(slot, object);
      return this.prune(slot, watermark);
    }
    return Math.max(loose.length ? loose.time(loose.length - 1) : -Infinity, episodes.at(-1)?.last ?? -Infinity) + this.rule.timespan;
  }

  #deflate(slot: number, object: CountKey): void {
    const { loose } = object;
    this.#objects[slot] = undefined;
    this.#count[slot] = loose.length;
    for (let i = 0; i < loose.length; i++) {
      this.#times[slot * inline + i] = loose.time(i);
      this.#offsets[slot * inline + i] = loose.offset(i);
    }
    loose.dropFront(loose.length);
    if (this.#spare.length < mostSpare && loose.room <= 64) this.#spare.push(object);
  }

  encode(slot: number, into: ByteWriter): void {
    const object = this.#objects[slot];
    if (object) {
      for (const { evidence } of object.episodes) evidence.settle(this.around.host, this.entities);
      object.write(into);
      return;
    }
    const plain = this.#plain;
    for (let i = 0; i < this.#count[slot]!; i++) plain.loose.push(this.#times[slot * inline + i]!, this.#offsets[slot * inline + i]!);
    plain.write(into);
    plain.loose.dropFront(plain.loose.length);
  }

  protected decode(slot: number, from: ByteReader): { idle: number; closing: number } {
    const object = new CountKey().read(from);
    this.#objects[slot] = object;
    for (const episode of object.episodes) this.revive(episode);
    const closing = Math.min(Infinity, ...object.episodes.map(({ last }) => last + this.rule.timespan));
    return { idle: this.prune(slot, -Infinity), closing };
  }

  protected clear(slot: number): void {
    this.#objects[slot] = undefined;
    this.#count[slot] = 0;
  }

  protected override widen(size: number): void {
    if (size <= this.#count.length) return;
    this.#count = grown(this.#count, size);
    this.#times = grown(this.#times, this.#count.length * inline);
    this.#offsets = grown(this.#offsets, this.#count.length * inline);
    while (this.#objects.length < size) this.#objects.push(undefined);
  }
}
