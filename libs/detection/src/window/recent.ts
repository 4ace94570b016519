import type { Host, Observation } from '../detection.js';

/** Matched events that are remembered whole. Their lines and entities are asked for only if their episode opens. */
const kept = 8192;

/** The last matched events by offset: what evidence is made of when an episode opens on events seen before. */
export class RecentEvents {
  readonly #events: (Observation | undefined)[] = new Array<Observation | undefined>(kept).fill(undefined);
  readonly #host: Host;
  #next = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Offsets rise from call to call. */
  add(observation: Observation): void {
    this.#events[this.#next++ & (kept - 1)] = observation;
  }

  /** The event at an offset: from memory, else from the host if it can read its log again. */
  find(offset: number): Observation | undefined {
    let low = Math.max(0, this.#next - kept);
    let high = this.#next - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const event = this.#events[middle & (kept - 1)]!;
      if (event.offset === offset) return event;
      if (event.offset < offset) low = middle + 1;
      else high = middle - 1;
    }
    return this.#host.recall?.(offset);
  }
}
