import { grown } from './key-table.js';

const isDirty = 1;
const isSaved = 2;

/** Which slots of a window have an entry in the saved state, and which of these entries are no longer true. */
export class Unsaved {
  #flags = new Uint8Array(64);
  #dirty: number[] = [];
  /** Where `again` goes on. */
  #cursor = 0;

  widen(size: number): void {
    if (size > this.#flags.length) this.#flags = grown(this.#flags, size);
  }

  mark(slot: number): void {
    const flags = this.#flags[slot]!;
    if (flags & isDirty) return;
    this.#flags[slot] = flags | isDirty;
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

  /** Slots that are to be saved; afterwards they count as saved. */
  take(save: (slot: number) => void): void {
    for (const slot of this.#dirty) {
      if (!(this.#flags[slot]! & isDirty)) continue;
      this.#flags[slot] = isSaved;
      save(slot);
    }
    this.#dirty = [];
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
