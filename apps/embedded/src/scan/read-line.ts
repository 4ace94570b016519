import { eventId, type Event, type FieldValue } from '#ecs';
import type { Observation } from '#detection';
import { logTag } from '#ingest';
import type { ReadBlock } from './read-block.js';

/** What the lines of one block share. */
export interface BlockOfLines {
  readonly block: ReadBlock;
  /** Offset of the block's first record. */
  readonly offset: number;
  readonly source: string;
  readonly arrival: number;
  /** Reads a line again, whole; `start` is its first byte in the block. */
  parse(line: Uint8Array, offset: number, start: number): Event;
}

/** The detections that matched an event, and the slots that windows read of it. */
export interface MatchedSet {
  readonly found: Int32Array;
  readonly slots: readonly number[];
}

const newline = 10;
const none: FieldValue[] = [];

/** An event that was read by a worker: what windows read of it. Only one that is shown is read once more. */
export class ReadLine implements Observation {
  readonly time: number;
  readonly stamp: number;
  readonly offset: number;
  #whole: Event | undefined;

  constructor(
    private readonly lines: BlockOfLines,
    private readonly row: number,
    readonly set: MatchedSet,
    /** In the order of `set.slots`. */
    private readonly read: readonly FieldValue[],
  ) {
    const { block, offset } = lines;
    this.time = block.times[row]!;
    this.stamp = block.stamps[row]!;
    this.offset = offset + block.places[row]!;
  }

  get source(): string {
    return this.lines.source;
  }

  get arrival(): number {
    return this.lines.arrival;
  }

  get id(): string {
    return eventId({ tag: logTag, position: this.offset, own: this.lines.block.own?.[this.row] });
  }

  /** None before `whole`: room for every slot would cost more than it holds. */
  get values(): FieldValue[] {
    return this.#whole?.values ?? none;
  }

  /** Whether the value of a slot is known without reading the line again. */
  has(slot: number): boolean {
    return this.set.slots.includes(slot);
  }

  get(slot: number): FieldValue {
    return this.read[this.set.slots.indexOf(slot)];
  }

  whole(): Event {
    if (this.#whole) return this.#whole;
    const { block, parse } = this.lines;
    const start = block.starts[this.row]!;
    const end = block.payload.indexOf(newline, start);
    const { values } = (this.#whole = parse(block.payload.subarray(start, end < 0 ? undefined : end), this.offset, start));
    this.set.slots.forEach((slot, i) => (values[slot] ??= this.read[i]));
    return this.#whole;
  }
}
