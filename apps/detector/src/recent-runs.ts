import type { MatchRun } from '#cluster';

/** Places within a message: events and what passes time. A run has far fewer. */
export const placesPerMessage = 8192;
/** Bytes of runs that are remembered: with lines some thirty thousand matches. */
const mostBytes = 16 << 20;
/** Runs that are kept as read, while evidence is gathered of them. */
const mostRead = 8;

/** The place of an event of a message: unique and rising, and known without having folded what is before. */
export function placeOf(message: bigint, at: number): number {
  return Number(message) * placesPerMessage + at;
}

/**
 * The last messages of a partition of `matches` as they came, for evidence: an episode may open on events that windows know by their place alone. They are not part of the
 * saved state: a task that is opened reads them again.
 */
export class RecentRuns {
  readonly #messages = new Map<number, Buffer>();
  readonly #read = new Map<number, MatchRun>();
  #bytes = 0;

  constructor(private readonly read: (value: Buffer) => MatchRun) {}

  /** Messages rise. */
  add(message: bigint, value: Buffer): void {
    this.#messages.set(Number(message), value);
    this.#bytes += value.length;
    for (const [oldest, { length }] of this.#messages) {
      if (this.#bytes <= mostBytes) break;
      this.#messages.delete(oldest);
      this.#bytes -= length;
    }
  }

  /** The oldest message that is remembered. */
  get oldest(): bigint | undefined {
    for (const [oldest] of this.#messages) return BigInt(oldest);
    return undefined;
  }

  /** The run that holds a place, and which of its events it is. */
  find(place: number): { readonly run: MatchRun; readonly at: number } | undefined {
    const message = Math.floor(place / placesPerMessage);
    const value = this.#messages.get(message);
    if (!value) return undefined;
    let run = this.#read.get(message);
    if (!run) {
      this.#read.set(message, (run = this.read(value)));
      for (const oldest of this.#read.keys()) if (this.#read.size > mostRead) this.#read.delete(oldest);
    }
    const at = place % placesPerMessage;
    return at < run.events.length ? { run, at } : undefined;
  }
}
