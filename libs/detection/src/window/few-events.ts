import type { Observation } from '../detection.js';
import { grown, type KeyTable } from './key-table.js';
import type { Surroundings, WindowRule } from './surroundings.js';

/** An event as it waits in {@link FewEvents}. */
export interface FewEvent {
  readonly time: number;
  readonly offset: number;
  readonly id: string;
  /** What the rule type reads of it. */
  readonly value: number;
}

/** A window that takes keys over. */
export interface Adopter {
  readonly rule: Pick<WindowRule, 'threshold' | 'timespan'>;
  readonly keys: KeyTable;
  /** Makes the state of a key, which holds the key from then on, with its events in the order of their arrival. */
  adopt(key: number, events: readonly FewEvent[]): void;
}

const mostEvents = 1 << 18;
const gone = -1;

/**
 * The list for a window whose rule needs so many events of a key that it is worth it; `withIds` if its type asks for the ids of events. Where state is
 * saved there is none: what waits here is no state of a key.
 */
export function fewEvents(window: Adopter & { readonly around: Surroundings }, withIds: boolean): FewEvents | undefined {
  return window.around.durable || window.rule.threshold < 3 ? undefined : new FewEvents(window, withIds);
}

/**
 * One list of the events of all keys that have too few of them for a rule to fire: where most keys are seen once, making and dropping the state of each
 * costs more than all else. A key whose events within the timespan reach `least` is adopted by its window, with all it missed. An event within a
 * timespan of one that is not late has not left the list, so the window finds what it would have found.
 */
export class FewEvents {
  #times = new Float64Array(64);
  #offsets = new Float64Array(64);
  #values = new Float64Array(64);
  #keys = new Int32Array(64);
  /** How far before an event the last one of its key stands. */
  #back = new Int32Array(64);
  readonly #ids: string[] = [];
  /** The list is a ring of these numbers, modulo its length. */
  #first = 0;
  #next = 0;
  /** By key: how many of its events wait, and the number of the last one. */
  #counts = new Int32Array(64);
  #lasts = new Float64Array(64);

  /** Events from which on a key is adopted. */
  readonly #least: number;
  readonly #timespan: number;

  /** @param most Events that wait; above it the key of the oldest is adopted, so memory is bounded as that of the windows is. */
  constructor(
    private readonly adopter: Adopter,
    private readonly withIds: boolean,
    private readonly most = mostEvents,
  ) {
    this.#least = adopter.rule.threshold;
    this.#timespan = adopter.rule.timespan;
  }

  /** Whether an event waits here. If not, its key has just been adopted, without this event. `watermark` never falls from call to call. */
  keeps(key: number, event: Pick<Observation, 'time' | 'offset' | 'id'>, value: number, watermark: number): boolean {
    const horizon = watermark - this.#timespan;
    if (key >= this.#counts.length) this.#widen(key);
    if (this.#counts[key] === 0) this.adopter.keys.hold(key);
    this.#counts[key]!++;
    this.#forgetBefore(horizon);
    if (this.#next - this.#first === this.most) {
      const oldest = this.#keys[this.#place(this.#first)]!;
      this.#handOver(oldest, oldest === key ? 1 : 0, horizon);
      this.#forgetBefore(horizon);
    }
    // Without the event at hand; none are left if the key was the oldest one just now.
    const count = this.#counts[key]! - 1;
    if (count < 0) return false;
    if (count + 1 >= this.#least) {
      this.#handOver(key, 1, horizon);
      return false;
    }
    if (this.#next - this.#first === this.#times.length) this.#lengthen();
    const at = this.#place(this.#next);
    this.#times[at] = event.time;
    this.#offsets[at] = event.offset;
    this.#values[at] = value;
    this.#keys[at] = key;
    this.#back[at] = count === 0 ? 0 : this.#next - this.#lasts[key]!;
    if (this.withIds) this.#ids[at] = event.id;
    this.#lasts[key] = this.#next++;
    return true;
  }

  #place(number: number): number {
    return number & (this.#times.length - 1);
  }

  /** Forgets from the front what is too old to count, and what was handed over. */
  #forgetBefore(horizon: number): void {
    for (; this.#first < this.#next; this.#first++) {
      const at = this.#place(this.#first);
      const key = this.#keys[at]!;
      if (key === gone) continue;
      if (this.#times[at]! >= horizon) return;
      this.#counts[key]!--;
      if (this.#counts[key] === 0) this.adopter.keys.release(key);
    }
  }

  /** `own` is 1 for the key of the event at hand, which is counted and not in the list. */
  #handOver(key: number, own: 0 | 1, horizon: number): void {
    const events: FewEvent[] = [];
    let number = this.#lasts[key]!;
    for (let left = this.#counts[key]! - own; left > 0; left--) {
      const at = this.#place(number);
      const [time, offset, value] = [this.#times[at]!, this.#offsets[at]!, this.#values[at]!];
      if (time >= horizon) events.push({ time, offset, value, id: this.withIds ? this.#ids[at]! : '' });
      number -= this.#back[at]!;
      this.#keys[at] = gone;
    }
    this.#counts[key] = 0;
    this.adopter.adopt(key, events.reverse());
    this.adopter.keys.release(key);
  }

  #widen(key: number): void {
    this.#counts = grown(this.#counts, key + 1);
    this.#lasts = grown(this.#lasts, key + 1);
  }

  #lengthen(): void {
    const [from, to] = [this.#times.length, this.#times.length * 2];
    this.#times = spread(this.#times, new Float64Array(to), this.#first);
    this.#offsets = spread(this.#offsets, new Float64Array(to), this.#first);
    this.#values = spread(this.#values, new Float64Array(to), this.#first);
    this.#keys = spread(this.#keys, new Int32Array(to), this.#first);
    this.#back = spread(this.#back, new Int32Array(to), this.#first);
    if (!this.withIds) return;
    const ids = this.#ids.splice(0);
    for (let number = this.#first; number < this.#next; number++) this.#ids[number & (to - 1)] = ids[number & (from - 1)]!;
  }
}

/** A full ring in one twice as long. */
function spread<T extends Int32Array | Float64Array>(from: T, to: T, first: number): T {
  for (let number = first; number < first + from.length; number++) to[number & (to.length - 1)] = from[number & (from.length - 1)]!;
  return to;
}
