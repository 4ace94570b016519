import type { Observation } from '../../detection.js';
import { absorb, earliestOpened } from '../../window/episode.js';
import { CountedValue } from '../../window/counted-value.js';
import { fewEvents, type FewEvent } from '../../window/few-events.js';
import { hash53 } from '../../window/hash.js';
import type { Surroundings, WindowRule } from '../../window/surroundings.js';
import { ObjectWindow } from '../../window/object-window.js';
import type { EntityFields } from '../../window/evidence.js';
import type { KeyTable } from '../../window/key-table.js';
import { stretchesAround, type Span } from './stretch.js';
import { addFirst, addLast, exactValues, ValueEpisode, ValueKey } from './value-key.js';

/** `value_count gte N` of a field within W: windows are stretches of events at most W long with at least N distinct values. */
export class ValueCount extends ObjectWindow<ValueKey> {
  readonly #counted: CountedValue;
  readonly #most: number;
  readonly #few = fewEvents(this, false);

  constructor(rule: WindowRule, around: Surroundings, keys: KeyTable, entities: EntityFields) {
    super(rule, around, keys, entities);
    this.#counted = new CountedValue(rule, around);
    this.#most = Math.max(256, 8 * rule.threshold);
  }

  observe(_input: number, key: number, observation: Observation): void {
    const text = this.#counted.text(observation);
    if (text === '') return;
    const value = hash53(text);
    if (this.#few && !this.hasSlot(key) && this.#few.keeps(key, observation, value, this.around.watermark)) return;
    const { slot, state } = this.stateOf(key, observation.time);
    const { time, offset } = observation;
    const { timespan } = this.rule;
    if (state.loose.length > 0 && state.loose.time(0) < this.around.watermark - timespan) state.prune(this.around.watermark - timespan);
    const inside = state.episodes.find((episode) => episode.first <= time && time <= episode.last) ?? this.#growing(state, time, value);
    if (inside) this.#add(inside, [time, offset, value]);
    else state.add(time, offset, value);
    const isAlone = inside && !hasNeighbours(state, inside, { from: time - timespan, to: time + timespan });
    const isPoor = state.episodes.length === 0 && state.isPoor;
    const span = isAlone || isPoor ? undefined : stretchesAround(time, state, this.rule);
    if (span && !(inside && inside.first <= span.first && span.last <= inside.last)) this.#join({ slot, state, span }, observation);
    else if (inside) this.#changed(inside, observation);
    if (state.loose.length > this.#most) state.thin(timespan);
  }

  adopt(key: number, events: readonly FewEvent[]): void {
    const { state } = this.stateOf(key, this.around.watermark);
    for (const { time, offset, value } of events) state.add(time, offset, value);
  }

  /** The newest episode if an event at its end belongs to it: N values within W of the event, its own counted. */
  #growing({ episodes, loose }: ValueKey, time: number, value: number): ValueEpisode | undefined {
    const newest = episodes.at(-1);
    if (!newest || time < newest.last) return undefined;
    if (loose.length > 0 && loose.time(loose.length - 1) > newest.first) return undefined;
    const { tail } = newest;
    const { threshold, timespan } = this.rule;
    let own = -1;
    for (let i = 0; i < tail.length; i++) if (tail.mark(i) === value) own = i;
    // The N-th latest value once this event is in; with N = 1 that is the event itself, and windows chain when at most W apart.
    const oldest = threshold === 1 ? newest.last : own === 0 || own < 0 ? tail.time(1) : tail.time(0);
    return time - oldest <= timespan ? newest : undefined;
  }

  #add(episode: ValueEpisode, entry: readonly [number, number, number]): void {
    const { threshold } = this.rule;
    addFirst(episode.head, entry, threshold);
    addLast(episode.tail, entry, threshold);
    episode.values.add(entry[2]);
    episode.count++;
    episode.first = Math.min(episode.first, entry[0]);
    episode.last = Math.max(episode.last, entry[0]);
    episode.reached = episode.head.time(Math.min(threshold, episode.head.length) - 1);
  }

  #changed(episode: ValueEpisode, observation: Observation): void {
    if (episode.evidence.wants(observation.time)) episode.evidence.add(this.exhibit(observation.time, observation.offset, observation));
    this.touch(episode);
    this.tell(episode, observation);
  }

  #join({ slot, state, span }: { slot: number; state: ValueKey; span: Span }, observation: Observation): void {
    const touched = state.episodes.filter(({ first, last }) => first <= span.last && last >= span.first);
    const episode = touched.length
      ? earliestOpened(touched)
      : this.begin(new ValueEpisode(exactValues(this.rule.threshold)), slot, observation);
    if (touched.length === 0) Object.assign(episode, { first: Infinity, last: -Infinity });
    for (const other of touched) if (other !== episode) this.#merge(episode, other);
    const first = Math.min(span.first, episode.first);
    const last = Math.max(span.last, episode.last);
    const { loose } = state;
    let from = 0;
    while (from < loose.length && loose.time(from) < first) from++;
    let to = from;
    for (; to < loose.length && loose.time(to) <= last; to++) {
      this.#add(episode, [loose.time(to), loose.offset(to), loose.mark(to)]);
      episode.evidence.add(
        this.exhibit(loose.time(to), loose.offset(to), loose.offset(to) === observation.offset ? observation : undefined),
      );
    }
    state.remove(from, to - from);
    state.episodes = [...state.episodes.filter((other) => !touched.includes(other)), episode].sort((one, other) => one.first - other.first);
    this.#finish({ episode, touched, slot }, observation);
  }

  #finish(
    { episode, touched, slot }: { episode: ValueEpisode; touched: readonly ValueEpisode[]; slot: number },
    observation: Observation,
  ): void {
    for (const other of touched) {
      if (other === episode) continue;
      this.list(other);
      this.tell(other, observation);
    }
    episode.reached = episode.head.time(this.rule.threshold - 1);
    this.#changed(episode, observation);
    this.armClosing(slot);
  }

  #merge(episode: ValueEpisode, other: ValueEpisode): void {
    absorb(episode, other);
    const { threshold } = this.rule;
    for (let i = 0; i < other.head.length; i++)
      addFirst(episode.head, [other.head.time(i), other.head.offset(i), other.head.mark(i)], threshold);
    for (let i = 0; i < other.tail.length; i++)
      addLast(episode.tail, [other.tail.time(i), other.tail.offset(i), other.tail.mark(i)], threshold);
    episode.values.merge(other.values);
  }

  protected make(): ValueKey {
    return new ValueKey(this.rule.threshold);
  }
}

/** Whether anything but the episode itself lies in a stretch of time. */
function hasNeighbours({ loose, episodes }: ValueKey, inside: ValueEpisode, { from, to }: { from: number; to: number }): boolean {
  if (loose.above(to) > loose.place(from, -1)) return true;
  return episodes.some((episode) => episode !== inside && episode.first <= to && episode.last >= from);
}
