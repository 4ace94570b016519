import type { Observation } from '../detection.js';
import { CellKey, type Cell } from './cells.js';
import { Episode } from './episode.js';
import type { EntityFields } from './evidence.js';
import type { KeyTable } from './key-table.js';
import { ObjectWindow } from './object-window.js';
import type { Surroundings, WindowRule } from './surroundings.js';

/** What is judged: one cell of one key, which has ended. */
export interface Judged {
  readonly slot: number;
  readonly state: CellKey;
  readonly index: number;
  /** Absent where the key did nothing in it. */
  readonly cell: Cell | undefined;
}

/**
 * A window over traffic counted in cells of time: an event costs one addition, a key as many cells as the rule looks back. A cell is judged once the watermark
 * has passed its end, so the order of arrival cannot matter; cells in order of time, keys of a cell in order of their text.
 */
export abstract class CellWindow extends ObjectWindow<CellKey> {
  /** Keys by the number of a cell that is to be judged. */
  readonly #pending = new Map<number, number[]>();
  #next = Infinity;

  constructor(
    parts: readonly [rule: WindowRule, around: Surroundings, keys: KeyTable, entities: EntityFields],
    /** Milliseconds of a cell, and how many before the judged one are looked at. */
    protected readonly width: number,
    protected readonly back: number,
  ) {
    super(...parts);
  }

  protected abstract judge(judged: Judged): void;

  protected override get memory(): number {
    return (this.back + 1) * this.width;
  }

  /** The cell of an event; a new one will be judged. */
  protected cellOf(key: number, { time }: Observation): Cell {
    const { state } = this.stateOf(key, time);
    const cell = state.cell(Math.floor(time / this.width));
    if (cell.count === 0 && cell.others === 0) this.#await(cell.index, key);
    return cell;
  }

  /** Counts an event, or an amount of it. */
  protected add(cell: Cell, observation: Observation, amount = 1): void {
    const { time, offset } = observation;
    cell.count += amount;
    if (time > cell.last) cell.last = time;
    if (time > cell.first || (time === cell.first && offset > cell.offset)) return;
    cell.first = time;
    cell.offset = offset;
    cell.id = observation.id;
  }

  #await(index: number, key: number): void {
    const waiting = this.#pending.get(index);
    if (waiting) waiting.push(key);
    else this.#pending.set(index, [key]);
    if (index < this.#next) this.#next = index;
    this.heed((index + 1) * this.width);
  }

  /** Has a cell judged even if nothing happens in it. */
  protected awaitSilence(index: number, slot: number): void {
    this.#await(index, this.keys.id(this.keyText(slot)));
  }

  protected override settleDue(): number {
    return this.#next === Infinity ? Infinity : (this.#next + 1) * this.width;
  }

  protected override settle(watermark: number): void {
    while ((this.#next + 1) * this.width < watermark) {
      const index = this.#next;
      const keys = this.#pending.get(index)!;
      this.#pending.delete(index);
      this.#next = Infinity;
      for (const other of this.#pending.keys()) if (other < this.#next) this.#next = other;
      if (keys.length > 1) keys.sort((one, other) => (this.#text(one) < this.#text(other) ? -1 : 1));
      for (const key of keys) this.#judge(key, index);
    }
  }

  // A key may have been given up meanwhile, under the cap on keys.
  #text(key: number): string {
    return this.hasSlot(key) ? this.keys.text(key) : '';
  }

  #judge(key: number, index: number): void {
    if (!this.hasSlot(key)) return;
    const slot = this.slotFor(key);
    const state = this.state(slot);
    if (state.judged >= index) return;
    this.dirty(slot);
    const cell = state.at(index);
    const before = state.cells.findLast((other) => other.index < index);
    if (cell && (!before || index - before.index > this.back)) state.since = index;
    this.judge({ slot, state, index, cell });
    state.judged = index;
  }

  /** The open episode that the judged cell belongs to, or a new one that begins with a cell. `last` of it is for the caller to set. */
  protected episodeFor({ slot, state, index }: Judged, from: Cell): { episode: Episode; fresh: boolean } {
    const known = state.episodes.at(-1);
    if (known && known.last >= from.first) return { episode: known, fresh: false };
    const opening = this.openingOf(from);
    const episode = this.begin(new Episode(), slot, opening);
    Object.assign(episode, { first: from.first, last: from.last, reached: (index + 1) * this.width });
    state.episodes.push(episode);
    return { episode, fresh: true };
  }

  protected show(episode: Episode, { first, offset }: Cell): void {
    if (episode.evidence.wants(first)) episode.evidence.add(this.exhibit(first, offset));
  }

  /** To be called when an episode was changed: it is counted, told, and will be closed. */
  protected changed(episode: Episode, slot: number, cell: Cell): void {
    this.touch(episode);
    this.armClosing(slot);
    this.tell(episode, this.openingOf(cell));
  }

  protected openingOf({ first, offset, id }: Cell): Observation {
    return (
      this.around.recent.find(offset) ?? { time: first, stamp: first, offset, arrival: this.around.arrival, source: '', id, values: [] }
    );
  }

  protected override decode(...parts: Parameters<ObjectWindow<CellKey>['decode']>): { idle: number; closing: number } {
    const due = super.decode(...parts);
    const [slot] = parts;
    const { cells, judged } = this.state(slot);
    const key = this.keys.id(this.keyText(slot));
    for (const { index } of cells) if (index > judged) this.#await(index, key);
    if (judged >= 0 && !cells.some(({ index }) => index === judged + 1)) this.#await(judged + 1, key);
    return due;
  }

  protected make(): CellKey {
    return new CellKey(this.width);
  }
}
