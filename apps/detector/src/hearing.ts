import type { DriftTold, HeardChunk } from '#cluster';
import type { FieldIndex, FieldValue } from '#ecs';
import type { Millis } from '#time';

interface Minute {
  readonly at: number;
  time: number;
  readonly arrival: number;
  until: number;
  count: number;
  late: number;
}

/** What of an event is heard. */
export interface HeardEvent {
  readonly time: number;
  readonly stamp: number;
  readonly arrival: Millis;
  readonly values: readonly FieldValue[];
}

/** The message that is being listened to. */
export interface HeardMessage {
  readonly origin: number;
  readonly channel: string;
  readonly source: string;
}

const minute = 60_000;
/** Events of one minute that arrived within so long are one entry: no pause between them is worth learning. */
const together: Millis = 1000;
/** Fields are looked for in the first records of a channel, and then in one of so many, as a power of two. */
const firstRecords = 200;
const oneOf = 64;

/** Makes of each message of one partition of `events` what the place that watches over sources must know of it. Depends on the partition's messages alone. */
export class Hearing {
  /** Largest trusted stamp of each channel. */
  readonly #stamps: Map<string, number>;
  #message: HeardMessage | undefined;
  #floor = -Infinity;
  #stamp = -Infinity;
  #grace = 0;
  #row: Minute | undefined;
  readonly #rows = new Map<number, Minute>();
  #minutes: Minute[] = [];
  readonly #fields = new Set<number>();

  constructor(
    private readonly grace: (channel: string) => Millis,
    saved: Readonly<Record<string, number>>,
  ) {
    this.#stamps = new Map(Object.entries(saved));
  }

  saved(): Record<string, number> {
    return Object.fromEntries(this.#stamps);
  }

  begin(message: HeardMessage): void {
    this.#message = message;
    this.#grace = this.grace(message.channel);
    this.#stamp = this.#stamps.get(message.channel) ?? -Infinity;
    this.#floor = this.#stamp - this.#grace;
  }

  /** @param record Number of the event's record in its channel. */
  event({ time, stamp, arrival, values }: HeardEvent, record: number): void {
    if (stamp === time && stamp > this.#stamp) {
      this.#stamp = stamp;
      this.#floor = stamp - this.#grace;
    }
    const at = Math.floor(time / minute);
    let row = this.#row;
    if (row?.at !== at || arrival - row.arrival >= together) row = this.#rowOf(at, time, arrival);
    row.count++;
    if (time < this.#floor) row.late++;
    if (time > row.time) row.time = time;
    if (arrival > row.until) row.until = arrival;
    if (record < firstRecords || record % oneOf === 0) this.#note(values);
  }

  /** What was new in the message; undefined where nothing was. */
  end(index: Pick<FieldIndex, 'names'>, drifts: readonly DriftTold[]): HeardChunk | undefined {
    const { origin, channel, source } = this.#message!;
    const minutes = this.#minutes.map(({ at: _, ...row }) => row);
    if (Number.isFinite(this.#stamp)) this.#stamps.set(channel, this.#stamp);
    const names = this.#fields.size > 0 ? index.names() : [];
    const fields = [...this.#fields].map((slot) => names[slot]!);
    this.#rows.clear();
    this.#fields.clear();
    this.#minutes = [];
    this.#row = undefined;
    return minutes.length > 0 || drifts.length > 0 ? { origin, source, fields, minutes, drifts } : undefined;
  }

  #rowOf(at: number, time: number, arrival: Millis): Minute {
    let row = this.#rows.get(at);
    if (!row || arrival - row.arrival >= together) {
      row = { at, time, arrival, until: arrival, count: 0, late: 0 };
      this.#rows.set(at, row);
      this.#minutes.push(row);
    }
    return (this.#row = row);
  }

  #note(values: readonly FieldValue[]): void {
    for (let slot = 0; slot < values.length; slot++) if (values[slot] !== undefined && values[slot] !== null) this.#fields.add(slot);
  }
}
