import { ledgerKey, noteEvicted, type CountedRange, type LedgerPart, type SavedLedger, type StateWriter } from '#detection';
import type { PackedEntry } from '#stream';
import type { UnitDetectors } from './unit-detectors.js';

/** What is saved of it with a task. */
export interface SavedAccount {
  readonly watermark: number | null;
  readonly counted: Readonly<Record<string, number>>;
  readonly evicted: Readonly<Record<string, readonly CountedRange[]>>;
}

const watchedLedger = `watch/${ledgerKey}`;

/** What one windows task says of coverage at each checkpoint: how far it is, where it gave up keys, and the ledger if it watches over sources. */
export class LedgerAccount {
  #watermark: number | null;
  #counted: Readonly<Record<string, number>>;
  readonly #evicted: Record<string, CountedRange[]> = {};
  #ledger: SavedLedger | undefined;

  constructor(
    private readonly places: number,
    saved: SavedAccount | undefined,
  ) {
    this.#watermark = saved?.watermark ?? null;
    this.#counted = saved?.counted ?? {};
    for (const [rule, ranges] of Object.entries(saved?.evicted ?? {})) this.#evicted[rule] = [...ranges];
  }

  /** Sees what is saved: the ledger is told when it changes. */
  looking(into: StateWriter): StateWriter {
    return {
      put: (key, value) => {
        if (key === watchedLedger) this.#take(value);
        into.put(key, value);
      },
      remove: (key) => into.remove(key),
    };
  }

  /** Takes the ledger of a saved state, where there is one. */
  restore(entries: ReadonlyMap<string, PackedEntry>): void {
    const found = entries.get(watchedLedger);
    if (found) this.#take(found.bytes.subarray(found.from, found.to));
  }

  /** At a checkpoint. */
  note(detectors: UnitDetectors): void {
    const { watermark } = detectors.figures();
    if (watermark === undefined) return;
    const now = detectors.evicted();
    noteEvicted(this.#evicted, { before: this.#counted, now, span: [this.#watermark ?? watermark, watermark + 1] });
    this.#counted = now;
    this.#watermark = watermark;
  }

  saved(): SavedAccount {
    return { watermark: this.#watermark, counted: this.#counted, evicted: this.#evicted };
  }

  #take(value: Uint8Array): void {
    this.#ledger = JSON.parse(Buffer.from(value).toString()) as SavedLedger;
  }

  part(): LedgerPart {
    return { places: this.places, watermark: this.#watermark, evicted: this.#evicted, ...(this.#ledger && { ledger: this.#ledger }) };
  }
}
