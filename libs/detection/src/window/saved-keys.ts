import type { Saving, StateWriter } from '../detection.js';
import type { ByteWriter } from './bytes.js';
import { keyName } from './hash.js';
import { Unsaved } from './unsaved.js';

/** What is known of the keys of a window. */
export interface KeyBytes {
  keyText(slot: number): string;
  /** Writes what is known of a key. */
  encode(slot: number, into: ByteWriter): void;
}

/**
 * The saved state of a window's keys. A save stands for one moment and is written in pieces while events go on: a key that is about to change is written
 * before it does.
 */
export class SavedKeys {
  readonly #unsaved = new Unsaved();
  readonly #removed = new Set<string>();
  #saving: { readonly into: StateWriter; readonly writer: ByteWriter } | undefined;

  /** @param prefix Begins the names of the entries. */
  constructor(
    private readonly prefix: string,
    private readonly keys: KeyBytes,
  ) {}

  widen(size: number): void {
    this.#unsaved.widen(size);
  }

  /** A key is about to change; `changed` says so, too. */
  beforeChange(slot: number): void {
    if (this.#saving && this.#unsaved.takes(slot)) this.#write(slot, this.#saving);
  }

  /** A key is no longer what was saved of it. */
  changed(slot: number): void {
    this.beforeChange(slot);
    this.#unsaved.mark(slot);
  }

  /** A key came out of the saved state. */
  restored(slot: number): void {
    this.#unsaved.restored(slot);
  }

  /** A slot is free; it had this key. */
  freed(slot: number, text: string): void {
    if (this.#unsaved.freed(slot)) this.#removed.add(this.prefix + keyName(text));
  }

  /** Begins a save of the keys that changed: as they are now, whatever happens before `some` comes to them. */
  begin(into: StateWriter, writer: ByteWriter): void {
    for (const name of this.#removed) into.remove(name);
    this.#removed.clear();
    this.#unsaved.begin();
    this.#saving = { into, writer };
  }

  /** Writes up to `most` of these keys. Tells how many: fewer when all are written. */
  some(most: number): number {
    const saving = this.#saving;
    if (!saving) return 0;
    const written = this.#unsaved.take(most, (slot) => this.#write(slot, saving));
    if (written < most) this.#saving = undefined;
    return written;
  }

  /** Has up to so many keys below `slots` saved again that did not change, going round. Gives how many: fewer at the end of a round. */
  again(most: number, slots: number): number {
    return this.#unsaved.again(most, slots);
  }

  #write(slot: number, { into, writer }: { readonly into: StateWriter; readonly writer: ByteWriter }): void {
    const text = this.keys.keyText(slot);
    writer.reset();
    writer.text(text);
    this.keys.encode(slot, writer);
    into.put(this.prefix + keyName(text), writer.view());
  }
}

/** The keys of several windows, window by window. */
export function savingOf(windows: readonly { saveSome(most: number): number }[]): Saving {
  let next = 0;
  return {
    some: (most) => {
      let left = most;
      while (next < windows.length) {
        const written = windows[next]!.saveSome(left);
        if (written === left && left < Infinity) return false;
        left -= written;
        next++;
      }
      return true;
    },
  };
}
