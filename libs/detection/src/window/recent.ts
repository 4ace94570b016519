import type { FieldValue } from '#ecs';
import type { Host, Observation } from '../detection.js';
import { ownCopy } from './key-table.js';

/** Matched events that are remembered. Those that only rules with a large threshold count are many and little looked at. */
const keptRare = 8192;
const keptCommon = 256;
const lineLength = 512;
const valueLength = 256;

/** What is remembered of a rare event: copies, since a slice of a log line would keep its whole block in memory. */
export class KeptEvent implements Observation {
  readonly time: number;
  readonly stamp: number;
  readonly offset: number;
  readonly arrival: number;
  readonly source: string;
  readonly id: string;
  readonly values: FieldValue[] = [];

  constructor(
    { time, stamp, offset, arrival, source, id }: Observation,
    readonly line: string | undefined,
  ) {
    this.time = time;
    this.stamp = stamp;
    this.offset = offset;
    this.arrival = arrival;
    this.source = source;
    this.id = id;
  }
}

/** The last matched events by offset: what evidence is made of when an episode opens on events seen before. */
export class RecentEvents {
  readonly #rare = new Ring(keptRare);
  readonly #common = new Ring(keptCommon);
  readonly #slots = new Set<number>();
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** The value of this slot is shown with evidence: it is kept. */
  watch(slot: number): void {
    this.#slots.add(slot);
  }

  /** Offsets rise from call to call. Until `seal` the event itself is kept. */
  add(observation: Observation, common: boolean): void {
    if (common) this.#common.add(observation);
    else this.#rare.add(observation);
  }

  /** After all rules had the event: what must not stay as it is, is copied, with the values that rules asked for. */
  seal(): void {
    this.#rare.seal(this.#sealed);
  }

  readonly #sealed = (observation: Observation): Observation | undefined => {
    if (this.#host.isFresh?.(observation)) return undefined;
    return this.#host.mayKeep?.(observation) ? observation : this.#keep(observation);
  };

  /** The event at an offset: from memory, else from the host if it can read its log again. */
  find(offset: number): Observation | undefined {
    return this.#rare.find(offset) ?? this.#common.find(offset) ?? this.#host.recall?.(offset);
  }

  #keep(observation: Observation): KeptEvent {
    const line = this.#host.line(observation);
    const kept = new KeptEvent(observation, line === undefined ? undefined : this.#kept(line, lineLength));
    for (const slot of this.#slots) {
      const value = observation.values[slot];
      if (value !== undefined) kept.values[slot] = typeof value === 'string' ? this.#kept(value, valueLength) : value;
    }
    return kept;
  }

  #kept(text: string, most: number): string {
    return this.#host.ownTexts && text.length <= most ? text : ownCopy(text.slice(0, most));
  }
}

class Ring {
  readonly #events: Observation[] = [];
  readonly #size: number;
  #next = 0;
  /** Events from here on are as they came. */
  #unsealed = 0;

  constructor(size: number) {
    this.#size = size;
  }

  add(observation: Observation): void {
    this.#events[this.#next++ % this.#size] = observation;
  }

  /** Puts what `sealed` gives in the place of events, the oldest first; it gives nothing for one that is left as it is for now, with all after it. */
  seal(sealed: (event: Observation) => Observation | undefined): void {
    this.#unsealed = Math.max(this.#unsealed, this.#next - this.#size);
    while (this.#unsealed < this.#next) {
      const at = this.#unsealed % this.#size;
      const event = sealed(this.#events[at]!);
      if (!event) return;
      this.#events[at] = event;
      this.#unsealed++;
    }
  }

  find(offset: number): Observation | undefined {
    let low = Math.max(0, this.#next - this.#size);
    let high = this.#next - 1;
    while (low <= high) {
      const middle = Math.floor((low + high) / 2);
      const event = this.#events[middle % this.#size]!;
      if (event.offset === offset) return event;
      if (event.offset < offset) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }
}
