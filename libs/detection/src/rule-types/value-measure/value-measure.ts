import { z } from 'zod';
import type { FieldValue } from '#ecs';
import type { Observation } from '../../detection.js';
import { hasUpper, isWithin, type Bounds } from '../../sigma/bounds.js';
import { numberOf } from '../../sigma/expression.js';
import { Episode } from '../../window/episode.js';
import type { EntityFields } from '../../window/evidence.js';
import { CountedValue } from '../../window/counted-value.js';
import { hash53 } from '../../window/hash.js';
import type { KeyTable } from '../../window/key-table.js';
import { ObjectWindow } from '../../window/object-window.js';
import type { Surroundings, WindowRule } from '../../window/surroundings.js';
import { isAfter, MeasureKey, type Measured } from './measure-key.js';
import { measureOf, type MeasureKind } from './measures.js';

export const percentileSettings = z.strictObject({
  percentile: z
    .number()
    .gt(0)
    .max(100)
    .optional()
    .describe('Which percentile of the numbers is compared. Without it: the share, in percent, of the event’s own value.'),
});

interface Waiting {
  readonly key: string;
  readonly event: Measured;
}

/**
 * `value_sum`, `value_avg`, `value_min`, `value_max`, `value_median`, `value_percentile`, and `event_count` and `value_count` with an upper bound: one measure
 * of one window per event, judged once the watermark says that the window is whole. See README.md.
 */
export class ValueMeasure extends ObjectWindow<MeasureKey> {
  readonly #kind: MeasureKind;
  readonly #bounds: Bounds;
  readonly #slot: number;
  readonly #counted: CountedValue;
  /** The window begins with the event (and is judged a timespan later), or ends with it. */
  readonly #begins: boolean;
  /** Events whose windows are not yet judged, in order of (time, offset). */
  #queue: Waiting[] = [];

  constructor(rule: WindowRule, around: Surroundings, keys: KeyTable, entities: EntityFields) {
    super(rule, around, keys, entities);
    this.#kind = measureOf(rule.type, rule.settings['percentile'] as number | undefined);
    this.#bounds = rule.settings['bounds'] ?? {};
    this.#slot = rule.field === undefined ? -1 : around.index.slot(rule.field);
    this.#counted = new CountedValue(rule, around);
    this.#begins = this.#kind.grows && hasUpper(this.#bounds);
  }

  observe(_input: number, key: number, observation: Observation): void {
    const { time, offset, id } = observation;
    const value = this.#slot < 0 ? 0 : this.#read(observation);
    if (Number.isNaN(value)) return;
    const { state } = this.stateOf(key, time);
    const event = { time, offset, value, id };
    state.add(event);
    this.#enqueue({ key: this.keys.text(key), event });
  }

  /** NaN where the event has nothing to measure. */
  #read(observation: Observation): number {
    if (this.#kind.reads !== 'number') {
      const text = this.#counted.text(observation);
      return text === '' ? NaN : hash53(text);
    }
    const value: FieldValue = observation.values[this.#slot] ?? this.around.host.resolve(observation, this.#slot);
    return numberOf(Array.isArray(value) ? (value[0] as string | undefined) : value);
  }

  #enqueue(waiting: Waiting): void {
    let at = this.#queue.length;
    while (at > 0 && isAfter(this.#queue[at - 1]!.event, waiting.event)) at--;
    this.#queue.splice(at, 0, waiting);
    this.heed(this.#due(this.#queue[0]!));
  }

  #due({ event }: Waiting): number {
    return event.time + (this.#begins ? this.rule.timespan : 0);
  }

  protected override settleDue(): number {
    return this.#queue.length ? this.#due(this.#queue[0]!) : Infinity;
  }

  protected override settle(watermark: number): void {
    let count = 0;
    while (count < this.#queue.length && this.#due(this.#queue[count]!) < watermark) count++;
    if (count === 0) return;
    for (const waiting of this.#queue.splice(0, count)) {
      const key = this.keys.id(waiting.key);
      // The key may have been given up meanwhile, under the cap on keys.
      if (this.hasSlot(key)) this.#judge(key, waiting.event);
      else if (this.keys.uses(key) === 0) this.keys.release(key);
    }
  }

  #judge(key: number, { time, offset }: Measured): void {
    const { slot, state } = this.stateOf(key, time);
    const event = state.events.find((own) => own.offset === offset);
    // Given up under the cap on events of one key.
    if (!event) return;
    const opening = this.#observation(event);
    event.id = '';
    const window = this.#begins ? state.between(time, time + this.rule.timespan) : state.between(time - this.rule.timespan, time);
    const measured = this.#kind.of(
      window.map(({ value }) => value),
      event.value,
    );
    if (isWithin(measured, this.#bounds)) this.#fire({ slot, state, window, measured }, opening);
  }

  #fire(
    { slot, state, window, measured }: { slot: number; state: MeasureKey; window: readonly Measured[]; measured: number },
    opening: Observation,
  ): void {
    const first = window[0]!.time;
    const last = window.at(-1)!.time;
    let episode = state.episodes.at(-1);
    const counted = episode && episode.last >= first ? episode.last : -Infinity;
    if (!episode || counted === -Infinity) {
      episode = Object.assign(this.begin(new Episode(), slot, opening), { first, last, reached: last });
      state.episodes.push(episode);
    }
    for (const { time, offset } of window) {
      if (time <= counted) continue;
      episode.count++;
      if (episode.evidence.wants(time)) episode.evidence.add(this.exhibit(time, offset));
    }
    episode.last = Math.max(episode.last, last);
    const { gt, gte } = this.#bounds;
    const known = episode.measures?.[this.rule.type];
    const extreme = gt === undefined && gte === undefined ? Math.min(measured, known ?? Infinity) : Math.max(measured, known ?? -Infinity);
    episode.measures = { [this.rule.type]: extreme };
    this.touch(episode);
    this.armClosing(slot);
    this.tell(episode, opening);
  }

  #observation({ time, offset, id }: Measured): Observation {
    return this.around.recent.find(offset) ?? { time, stamp: time, offset, arrival: this.around.arrival, source: '', id, values: [] };
  }

  protected override decode(...parts: Parameters<ObjectWindow<MeasureKey>['decode']>): { idle: number; closing: number } {
    const due = super.decode(...parts);
    const key = this.keyText(parts[0]);
    for (const event of this.state(parts[0]).events) if (event.id !== '') this.#enqueue({ key, event });
    return due;
  }

  protected make(): MeasureKey {
    return new MeasureKey();
  }
}
