import { z } from 'zod';
import type { Observation } from '../../detection.js';
import { numberOf } from '../../sigma/expression.js';
import { CellWindow, type Judged } from '../../window/cell-window.js';
import type { EntityFields } from '../../window/evidence.js';
import type { KeyTable } from '../../window/key-table.js';
import { durationSetting, millisOf } from '../../window/settings.js';
import type { Surroundings, WindowRule } from '../../window/surroundings.js';

/** Buckets that are looked back at, at most. */
export const mostBuckets = 1000;

export const spikeSettings = z.strictObject({
  factor: z.number().gt(1).default(5).describe('How many times as much as usual.'),
  learning: durationSetting.default('1d').describe('How long a key must be known before it is judged.'),
  history: durationSetting.default('7d').describe('How far back the past of a key reaches: at most 1,000 timespans.'),
  usual: z
    .enum(['mean', 'p95', 'max'])
    .default('p95')
    .describe('What counts as usual: mean, 95th percentile or maximum of the past buckets, those without an event included.'),
  sum: z.string().min(1).optional().describe('A field whose numbers are added up; without it events are counted.'),
});

/** `spike`: a bucket of a key against the key's own past buckets. See README.md. */
export class Spike extends CellWindow {
  readonly #settings = settingsOf(this.rule);
  readonly #learning = millisOf(this.#settings.learning);
  readonly #slot = this.#settings.sum === undefined ? -1 : this.around.index.slot(this.#settings.sum);

  constructor(rule: WindowRule, around: Surroundings, keys: KeyTable, entities: EntityFields) {
    const history = Math.floor(millisOf(settingsOf(rule).history) / rule.timespan);
    super([rule, around, keys, entities], rule.timespan, Math.min(Math.max(history, 1), mostBuckets));
  }

  /** A bucket is judged when it is over, and may join an episode that ended a bucket before it began. */
  protected override get quiet(): number {
    return 2 * this.width;
  }

  override get readsSlots(): readonly number[] {
    return this.#slot < 0 ? super.readsSlots : [...super.readsSlots, this.#slot];
  }

  observe(_input: number, key: number, observation: Observation): void {
    if (this.#slot < 0) {
      this.add(this.cellOf(key, observation), observation);
      return;
    }
    const amount = numberOf(observation.values[this.#slot] ?? this.around.host.resolve(observation, this.#slot));
    if (amount > 0 && amount < Infinity) this.add(this.cellOf(key, observation), observation, amount);
  }

  protected judge(judged: Judged): void {
    const { slot, state, index, cell } = judged;
    if (!cell || cell.count < this.rule.threshold) return;
    if ((index - state.since) * this.width < this.#learning) return;
    const usual = this.#usual(judged);
    if (cell.count < this.#settings.factor * usual) return;
    const adjacent = state.episodes.at(-1);
    const joins = adjacent && cell.first - adjacent.last <= this.width;
    const { episode, fresh } = joins ? { episode: adjacent, fresh: false } : this.episodeFor(judged, cell);
    episode.count += cell.count;
    this.show(episode, cell);
    episode.last = cell.last;
    if (fresh || cell.count > episode.measures!['largest']!) episode.measures = { largest: cell.count, usual };
    this.changed(episode, slot, cell);
  }

  #usual({ state, index }: Judged): number {
    const from = Math.max(state.since, index - this.back);
    const known = state.between(from, index - 1).map(({ count }) => count);
    const buckets = index - from;
    if (buckets === 0) return 0;
    if (this.#settings.usual === 'mean') return known.reduce((sum, count) => sum + count, 0) / buckets;
    if (this.#settings.usual === 'max') return known.reduce((most, count) => Math.max(most, count), 0);
    // Nearest rank; buckets without an event are zeros at the low end.
    const rank = Math.ceil(0.95 * buckets) - 1 - (buckets - known.length);
    return rank < 0 ? 0 : Float64Array.from(known).sort()[rank]!;
  }
}

function settingsOf({ settings }: WindowRule): z.output<typeof spikeSettings> {
  const { bounds: _, ...own } = settings;
  return spikeSettings.parse(own);
}
