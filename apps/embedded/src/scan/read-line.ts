import type { Event, FieldValue } from '#ecs';
import type { Observation } from '#detection';
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

/** The detections that matched an event, and the slots that its values stand in where it is thin. */
export interface MatchedSet {
  readonly found: Int32Array;
  readonly slots: readonly number[] | undefined;
}

const newline = 10;

/** An event that was read by a worker. Of most, windows want the time and a key; the others are read once more. */
export class ReadLine implements Observation {
  readonly time: number;
  readonly stamp: number;
  readonly offset: number;
  #whole: Event | undefined;

  constructor(
    private readonly lines: BlockOfLines,
    private readonly row: number,
    readonly set: MatchedSet,
    /** Only those of `set.slots`, until `whole` was called. */
    readonly values: FieldValue[],
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
    return this.whole().id;
  }

  /** Whether the value of a slot is known without reading the line again. */
  knows(slot: number): boolean {
    return this.#whole !== undefined || (this.set.slots?.includes(slot) ?? false);
  }

  whole(): Event {
    if (this.#whole) return this.#whole;
    const { block, parse } = this.lines;
    const start = block.starts[this.row]!;
    const end = block.payload.indexOf(newline, start);
    this.#whole = parse(block.payload.subarray(start, end < 0 ? undefined : end), this.offset, start);
    this.#whole.values.forEach((value, slot) => (this.values[slot] ??= value));
    return this.#whole;
  }
}
