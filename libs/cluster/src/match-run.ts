import type { FieldValue } from '#ecs';
import type { Progress } from './chunk.js';

/** A matched event as it travels to where it is counted. */
export interface MatchedEvent {
  /** Place in its partition of `events`: the origin, rising. */
  readonly origin: number;
  readonly time: number;
  readonly stamp: number;
  readonly arrival: number;
  /** Channel that it came by. */
  readonly channel: string;
  readonly id: string;
  readonly line: string | undefined;
  /** What is counted of it here: pairs of a unit's and a detection's place in `units`. */
  readonly hits: readonly number[];
  /** By place in the run's `fields`. */
  readonly values: readonly FieldValue[];
}

/**
 * One message of `matches`: everything that a stretch of one partition of `events` has for one partition of `matches`, for all rules and keys, and how far its channels are
 * afterwards. Every event knows its own origin, since a successor cuts the stretches differently.
 */
export interface MatchRun {
  /** Partition of `events`. */
  readonly from: number;
  readonly fields: readonly string[];
  /** Unit id and the ids of its detections, as the writer's rules have them. */
  readonly units: readonly (readonly [id: string, detections: readonly string[]])[];
  readonly events: readonly MatchedEvent[];
  readonly progress: Readonly<Record<string, Progress>>;
  readonly channels: readonly string[];
}

/** Columns: what is the same in many events is written once, and numbers as differences, so that a flood compresses to little. */
interface Written {
  readonly from: number;
  readonly fields: readonly string[];
  readonly units: MatchRun['units'];
  readonly channels: readonly string[];
  readonly progress: MatchRun['progress'];
  readonly origin: number[];
  readonly time: number[];
  /** Stamp and arrival as differences to the time. */
  readonly stamp: number[];
  readonly arrival: number[];
  readonly via: number[];
  readonly ids: string[];
  readonly lines: (string | null)[];
  readonly hits: (readonly number[])[];
  readonly hit: number[];
  readonly values: (FieldValue | null)[][];
}

export function writeRun({ from, fields, units, events, progress, channels }: MatchRun): Buffer {
  const names = [...new Set([...channels, ...events.map(({ channel }) => channel)])];
  const table = new UsedUnits(units);
  const sets = new Map<string, number>();
  const hits: (readonly number[])[] = [];
  const setOf = (hit: readonly number[]): number => {
    const key = hit.join();
    let found = sets.get(key);
    if (found === undefined) sets.set(key, (found = hits.push(table.places(hit)) - 1));
    return found;
  };
  const filled = fields.map((_, at) => at).filter((at) => events.some(({ values }) => values[at] !== undefined));
  const hit = events.map((event) => setOf(event.hits));
  const written: Written = {
    from,
    fields: filled.map((at) => fields[at]!),
    units: table.used,
    channels: names,
    progress,
    origin: deltas(events.map(({ origin }) => origin)),
    time: deltas(events.map(({ time }) => time)),
    stamp: events.map(({ stamp, time }) => stamp - time),
    arrival: events.map(({ arrival, time }) => arrival - time),
    via: events.map(({ channel }) => names.indexOf(channel)),
    ids: events.map(({ id }) => id),
    lines: events.map(({ line }) => line ?? null),
    hit,
    hits,
    values: filled.map((at) => events.map(({ values }) => values[at] ?? null)),
  };
  return Buffer.from(JSON.stringify(written));
}

/** Of a table of units and detections what hits name: small runs, which is what live traffic makes, would else carry the names of all rules. */
class UsedUnits {
  readonly used: [id: string, detections: string[]][] = [];
  readonly #places = new Map<number, { readonly unit: number; readonly detections: Map<number, number> }>();

  constructor(private readonly units: MatchRun['units']) {}

  /** The same hits by their places in `used`. */
  places(hits: readonly number[]): number[] {
    const found: number[] = [];
    for (let at = 0; at < hits.length; at += 2) {
      const [id, detections] = this.units[hits[at]!]!;
      let known = this.#places.get(hits[at]!);
      if (!known) this.#places.set(hits[at]!, (known = { unit: this.used.push([id, []]) - 1, detections: new Map() }));
      let place = known.detections.get(hits[at + 1]!);
      if (place === undefined) {
        place = this.used[known.unit]![1].push(detections[hits[at + 1]!]!) - 1;
        known.detections.set(hits[at + 1]!, place);
      }
      found.push(known.unit, place);
    }
    return found;
  }
}

export function readRun(value: Buffer): MatchRun {
  const written = JSON.parse(value.toString()) as Written;
  const { from, fields, units, channels, progress } = written;
  let origin = 0;
  let time = 0;
  const events = written.origin.map((delta, at): MatchedEvent => {
    origin += delta;
    time += written.time[at]!;
    return {
      origin,
      time,
      stamp: time + written.stamp[at]!,
      arrival: time + written.arrival[at]!,
      channel: channels[written.via[at]!]!,
      id: written.ids[at]!,
      line: written.lines[at] ?? undefined,
      hits: written.hits[written.hit[at]!]!,
      values: written.values.map((column) => column[at] ?? undefined),
    };
  });
  return { from, fields, units, events, progress, channels };
}

function deltas(numbers: readonly number[]): number[] {
  return numbers.map((number, at) => number - (numbers[at - 1] ?? 0));
}
