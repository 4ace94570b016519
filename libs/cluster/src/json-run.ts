import type { FieldValue } from '#ecs';
import type { MatchRun } from './match-run.js';

/** Version 1 of a run: columns as JSON, numbers as differences. No longer written; a topic may still hold some when a detector is replaced. */
interface Written extends Pick<MatchRun, 'from' | 'units' | 'channels' | 'progress' | 'rules'> {
  readonly fields: readonly string[];
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

export function readJsonRun(bytes: Buffer, slotOf: (field: string) => number): MatchRun {
  const written = JSON.parse(bytes.toString()) as Written;
  const { from, units, channels, progress, rules } = written;
  const slots = written.fields.map(slotOf);
  let origin = 0;
  let time = 0;
  const events = written.origin.map((delta, at) => {
    origin += delta;
    time += written.time[at]!;
    const values: FieldValue[] = [];
    slots.forEach((slot, field) => (values[slot] = written.values[field]![at] ?? undefined));
    return {
      origin,
      time,
      stamp: time + written.stamp[at]!,
      arrival: time + written.arrival[at]!,
      channel: channels[written.via[at]!]!,
      id: written.ids[at]!,
      line: written.lines[at] ?? undefined,
      hits: written.hits[written.hit[at]!]!,
      values,
    };
  });
  return { from, units, events, progress, channels, ...(rules && { rules }) };
}
