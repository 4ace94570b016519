import { z } from 'zod';
import { parseDuration } from '#time';
import type { Observation } from '../../detection.js';
import { Episode } from '../../window/episode.js';
import { textOf } from '../../window/group.js';
import { hash53 } from '../../window/hash.js';
import { ownCopy } from '../../window/key-table.js';
import { ObjectWindow } from '../../window/object-window.js';
import { SeenKey, type Waiting } from './seen.js';

const duration = z.string().refine((text) => parseDuration(text) !== undefined, 'expected a duration such as 7d');

export const newValueSettings = z.strictObject({
  learning: duration.default('7d').describe('How long a key must be known before a new value counts.'),
  episode: duration.default('1h').describe('New values of one key at most this far apart are one signal.'),
});

/** `new_value`: a value of the field that the key was not seen with for `timespan`, once the key is known for `learning`. */
export class NewValue extends ObjectWindow<SeenKey> {
  readonly #learning = parseDuration(newValueSettings.parse(this.rule.settings).learning)!;
  readonly #quiet = parseDuration(newValueSettings.parse(this.rule.settings).episode)!;
  readonly #slot = this.around.index.slot(this.rule.field!);
  /** Events not yet decided, in order of (time, offset). */
  #queue: Waiting[] = [];

  protected override get quiet(): number {
    return this.#quiet;
  }

  override get lag(): number {
    return this.#quiet;
  }

  protected override rests({ waiting }: SeenKey): boolean {
    return waiting.length === 0;
  }

  observe(_input: number, key: number, observation: Observation): void {
    const value = textOf(observation.values[this.#slot] ?? this.around.host.resolve(observation, this.#slot));
    if (value === '') return;
    const { state } = this.stateOf(key, observation.time);
    const { time, offset, id } = observation;
    const waiting = { time, offset, id, key: this.keys.text(key), value: ownCopy(value.slice(0, 100)), hash: hash53(value) };
    state.waiting.push(waiting);
    this.#enqueue(waiting);
  }

  #enqueue(waiting: Waiting): void {
    let at = this.#queue.length;
    while (at > 0 && isAfter(this.#queue[at - 1]!, waiting)) at--;
    this.#queue.splice(at, 0, waiting);
    this.heed(waiting.time);
  }

  protected override settleDue(): number {
    return this.#queue[0]?.time ?? Infinity;
  }

  /** Before the watermark nothing can arrive any more: what came first is known. */
  protected override settle(watermark: number): void {
    let count = 0;
    while (count < this.#queue.length && this.#queue[count]!.time < watermark) count++;
    if (count === 0) return;
    for (const waiting of this.#queue.splice(0, count)) {
      const key = this.keys.id(waiting.key);
      // The key may have been given up meanwhile, under the cap on keys.
      if (this.hasSlot(key)) this.#decide(key, waiting);
      else if (this.keys.uses(key) === 0) this.keys.release(key);
    }
  }

  #decide(key: number, waiting: Waiting): void {
    const { slot, state } = this.stateOf(key, waiting.time);
    const { time, hash } = waiting;
    state.waiting = state.waiting.filter((other) => other !== waiting);
    const before = state.values.get(hash);
    let newest = -Infinity;
    for (const seen of state.values.values()) newest = Math.max(newest, seen);
    if (time - newest > this.rule.timespan) state.since = time;
    const isNew = before === undefined || time - before > this.rule.timespan;
    state.see(hash, time);
    if (isNew && time - state.since >= this.#learning) this.#fire({ slot, state, waiting });
  }

  #fire({ slot, state, waiting }: { slot: number; state: SeenKey; waiting: Waiting }): void {
    const { time, offset, value } = waiting;
    const opening = this.#observation(waiting);
    let episode = state.episodes.at(-1);
    if (!episode || time - episode.last > this.#quiet) {
      episode = Object.assign(this.begin(new Episode(), slot, opening), { first: time, reached: time });
      state.episodes.push(episode);
    }
    episode.last = time;
    episode.count++;
    const note = episode.note === undefined ? `${this.rule.rule.title}: ${this.rule.field} ${value}` : `${episode.note}, ${value}`;
    if (note.length <= 200) episode.note = note;
    episode.evidence.add(this.exhibit(time, offset));
    this.touch(episode);
    this.armClosing(slot);
    this.tell(episode, opening);
  }

  #observation({ time, offset, id }: Waiting): Observation {
    return this.around.recent.find(offset) ?? { time, stamp: time, offset, arrival: this.around.arrival, source: '', id, values: [] };
  }

  protected override decode(...parts: Parameters<ObjectWindow<SeenKey>['decode']>): { idle: number; closing: number } {
    const due = super.decode(...parts);
    for (const waiting of this.state(parts[0]).waiting) this.#enqueue(waiting);
    return due;
  }

  protected make(): SeenKey {
    return new SeenKey();
  }
}

function isAfter(one: Waiting, other: Waiting): boolean {
  return one.time > other.time || (one.time === other.time && one.offset > other.offset);
}
