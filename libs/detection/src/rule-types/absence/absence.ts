import { z } from 'zod';
import type { Observation } from '../../detection.js';
import { CellWindow, type Judged } from '../../window/cell-window.js';
import type { Cell, CellKey } from '../../window/cells.js';
import { Episode } from '../../window/episode.js';
import type { EntityFields } from '../../window/evidence.js';
import type { KeyTable } from '../../window/key-table.js';
import { durationSetting, millisOf } from '../../window/settings.js';
import type { Surroundings, WindowRule } from '../../window/surroundings.js';

export const absenceSettings = z.strictObject({
  learning: durationSetting.default('1d').describe('How long a key must have been heard in every timespan before its silence counts.'),
  forget: durationSetting.default('1d').describe('A silence is over when the key is heard again, or after so long.'),
});

/** `absence`: a key that was heard in every bucket for a while is not heard in one. See README.md. */
export class Absence extends CellWindow {
  readonly #settings = absenceSettings.parse(this.rule.settings);
  readonly #learning = millisOf(this.#settings.learning);
  #finishing = false;

  constructor(rule: WindowRule, around: Surroundings, keys: KeyTable, entities: EntityFields) {
    super([rule, around, keys, entities], rule.timespan, 1);
  }

  override isTraffic(): boolean {
    return true;
  }

  protected override get quiet(): number {
    return Math.max(this.width, millisOf(this.#settings.forget));
  }

  observe(_input: number, key: number, observation: Observation): void {
    this.add(this.cellOf(key, observation), observation);
  }

  protected override settle(watermark: number): void {
    this.#finishing = watermark === Infinity;
    super.settle(watermark);
  }

  protected judge({ slot, state, index, cell }: Judged): void {
    const before = state.at(index - 1);
    const wasHeard = before !== undefined && before.count >= this.rule.threshold;
    if (cell && cell.count >= this.rule.threshold) {
      if (!wasHeard) state.since = index;
      this.#end({ slot, state, index, cell });
      this.awaitSilence(index + 1, slot);
    } else if (wasHeard && this.#isSilence(state, index) && (index - state.since) * this.width >= this.#learning)
      this.#begin(slot, index, before);
  }

  /** The end of a file is no silence: nothing says that the key had no more to tell, unless it told more. */
  #isSilence({ cells }: CellKey, index: number): boolean {
    return !this.#finishing || cells.some((cell) => cell.index > index && cell.count >= this.rule.threshold);
  }

  #begin(slot: number, index: number, before: Cell): void {
    const episode = this.begin(new Episode(), slot, this.openingOf(before));
    Object.assign(episode, { first: before.last, last: before.last, reached: (index + 1) * this.width, count: 0 });
    episode.note = `${this.rule.rule.title}: nothing`;
    this.show(episode, before);
    this.state(slot).episodes.push(episode);
    this.changed(episode, slot, before);
  }

  #end({ slot, state, cell }: Judged): void {
    for (const episode of state.episodes) {
      episode.last = cell!.first;
      episode.status = 'closed';
      this.touch(episode);
      this.tell(episode, this.openingOf(cell!));
    }
    if (state.episodes.length === 0) return;
    state.episodes = [];
    this.closes(slot, Infinity);
  }
}
