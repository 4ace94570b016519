import { z } from 'zod';
import { parseDuration } from '#time';
import type { Observation } from '../../detection.js';
import { textOf } from '../../window/group.js';
import { hash53 } from '../../window/hash.js';
import { ObjectWindow } from '../../window/object-window.js';
import { CrowdKey } from './crowd-key.js';

export const crowdSettings = z.strictObject({
  settle: z
    .string()
    .refine((text) => (parseDuration(text) ?? 0) > 0, 'expected a duration such as 1h')
    .default('1h')
    .describe('An event is judged by what was there at least so long before it. Longer than the grace of every source.'),
});

/** `crowd`: keys with which many did well. It gives no signals: other rules ask it with `unless` and `when`. See README.md. */
export class Crowd extends ObjectWindow<CrowdKey> {
  readonly #width = parseDuration(crowdSettings.parse({ settle: this.rule.settings['settle'] }).settle)!;
  readonly #back = Math.ceil(this.rule.timespan / this.#width);
  readonly #slot = this.around.index.slot(this.rule.field!);

  protected override get memory(): number {
    return (this.#back + 2) * this.#width;
  }

  override isTraffic(): boolean {
    return true;
  }

  observe(_input: number, key: number, observation: Observation): void {
    const text = textOf(observation.values[this.#slot] ?? this.around.host.resolve(observation, this.#slot));
    if (text === '') return;
    const cell = Math.floor(observation.time / this.#width);
    const known = this.knownState(key);
    const state = known ?? this.stateOf(key, observation.time).state;
    if (state.add(hash53(text), cell) && known) this.stateOf(key, observation.time);
    state.settle(Math.floor(this.around.watermark / this.#width) - 1);
  }

  /** Whether a key is shared for an event at `time`, as far as is known: for good, once the watermark has passed the hour (`settle`) before that of the event. */
  holds(key: number, time: number): boolean {
    const cell = Math.floor(time / this.#width);
    return this.knownState(key)?.reaches(cell - 1 - this.#back, cell - 2) ?? false;
  }

  protected make(): CrowdKey {
    return new CrowdKey(this.rule.threshold, this.#width);
  }
}
