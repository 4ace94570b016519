import { grown } from './key-table.js';

const isSaved = 1;
/** Two marks for "is to be saved" that take turns: at the beginning of a save one becomes "is being saved", without a walk through all slots. */
const marks = 2 | 4;

/** Which slots of a window have an entry in the saved state, and which of these entries are no longer true. */
export class Unsaved {
  #flags = new Uint8Array(64);
  #dirty: number[] = [];
  #isDirty = 2;
  /** Slots that are being saved: from `#next` on, those whose mark still stands. */
  #saving: number[] = [];
  #next = 0;
  /** Where `again` goes on. */
  #cursor = 0;

  widen(size: number): void {
    if (size > this.#flags.length) this.#flags = grown(this.#flags, size);
  }

  mark(slot: number): void {
    const flags = this.#flags[slot]!;
    if (flags & this.#isDirty) return;
    this.#flags[slot] = flags | this.#isDirty;
    this.#dirty.push(slot);
  }

  /** A slot that came out of the saved state. */
  restored(slot: number): void {
    this.#flags[slot] = isSaved;
  }

  /** A slot is free. Tells whether it has an entry, to be removed. */
  freed(slot: number): boolean {
    const saved = (this.#flags[slot]! & isSaved) !== 0;
    this.#flags[slot] = 0;
    return saved;
  }

  /** What is marked is being saved from now on, what is marked later is for the next time. Not before `take` said that nothing is left. */
  begin(): void {
    this.#saving = this.#dirty;
    this.#dirty = [];
    this.#next = 0;
    this.#isDirty ^= marks;
  }

  /** Whether a slot is being saved and was not taken yet; then it counts as taken. */
  takes(slot: number): boolean {
    const flags = this.#flags[slot]!;
    const isSaving = this.#isDirty ^ marks;
    if (!(flags & isSaving)) return false;
    this.#flags[slot] = (flags & this.#isDirty) | isSaved;
    return true;
  }

  /** Gives up to `most` of the slots that are being saved, which count as taken. Tells how many it gave: fewer when nothing is left. */
  take(most: number, save: (slot: number) => void): number {
    let taken = 0;
    while (taken < most && this.#next < this.#saving.length) {
      const slot = this.#saving[this.#next++]!;
      if (!this.takes(slot)) continue;
      save(slot);
      taken++;
    }
    if (taken < most) this.#saving = [];
    return taken;
  }

  /**
   * Marks slots whose entries are true, so that they are saved again: up to `most` of those below `slots`, going on where the last call ended.
   * Gives how many; fewer than `most` when the end was reached, and the next call begins at the first slot.
   */
  again(most: number, slots: number): number {
    let marked = 0;
    for (; marked < most && this.#cursor < slots; this.#cursor++) {
      if (this.#flags[this.#cursor] !== isSaved) continue;
      this.mark(this.#cursor);
      marked++;
    }
    if (marked < most) this.#cursor = 0;
    return marked;
  }
}
