import { z } from 'zod';
import type { Observation } from '../../detection.js';
import { CellWindow, type Judged } from '../../window/cell-window.js';
import type { EntityFields } from '../../window/evidence.js';
import type { KeyTable } from '../../window/key-table.js';
import type { Surroundings, WindowRule } from '../../window/surroundings.js';

export const ratioSettings = z.strictObject({
  share: z
    .number()
    .gt(0)
    .max(1)
    .describe('Least share, from 0 to 1, of matches of the first rule among all events of the key that the rules match.'),
});

/** Cells of one window. */
export const ratioCells = 30;

/** `ratio`: of the key's own events, so many and such a share meet the first rule. See README.md. */
export class Ratio extends CellWindow {
  readonly #share = ratioSettings.parse({ share: this.rule.settings['share'] }).share;

  constructor(rule: WindowRule, around: Surroundings, keys: KeyTable, entities: EntityFields) {
    super([rule, around, keys, entities], Math.max(1, Math.ceil(rule.timespan / ratioCells)), ratioCells - 1);
  }

  protected override get quiet(): number {
    return this.memory;
  }

  /** The whole is traffic: none of it is evidence. */
  override isTraffic(input: number): boolean {
    return input > 0 || super.isTraffic(input);
  }

  observe(input: number, key: number, observation: Observation): void {
    const cell = this.cellOf(key, observation);
    if (input === 0) this.add(cell, observation);
    else cell.others++;
  }

  protected judge(judged: Judged): void {
    const { slot, state, index, cell } = judged;
    if (!cell || cell.count === 0) return;
    const window = state.between(index - this.back, index);
    let hits = 0;
    let others = 0;
    for (const each of window) {
      hits += each.count;
      others += each.others;
    }
    // An event that both rules match is one event: the whole is what the other rules match, and at least the hits.
    const share = hits / Math.max(hits, others);
    if (hits < this.rule.threshold || share < this.#share) return;
    const counted = window.filter(({ count }) => count > 0);
    const { episode, fresh } = this.episodeFor(judged, counted[0]!);
    const until = fresh ? -Infinity : episode.last;
    for (const each of counted) {
      if (each.first <= until) continue;
      episode.count += each.count;
      this.show(episode, each);
    }
    episode.last = cell.last;
    const percent = Math.round(share * 1000) / 10;
    const most = Math.max(percent, episode.measures?.['share_percent'] ?? 0);
    episode.measures = { share_percent: most };
    this.changed(episode, slot, cell);
  }
}
