import { ByteReader, ByteWriter, rawText, textOfRaw } from '#detection';
import type { FieldValue } from '#ecs';
import type { Progress } from './chunk.js';
import { readValue, ValueWriter } from './run-values.js';
import type { HeardChunk } from './heard.js';
import type { RuleRef } from './rule-set.js';

/** A matched event as it is sent to where it is counted. */
export interface SentMatch {
  /** Place in its partition of `events`: the origin, rising. */
  readonly origin: number;
  readonly time: number;
  readonly stamp: number;
  readonly arrival: number;
  /** Channel that it came by. */
  readonly channel: string;
  readonly id: string;
  /** Its line as it stands in its document, see `textOfRaw` of `#detection`. */
  readonly rawLine: string | undefined;
  /** What is counted of it here: pairs of a unit's and a detection's place in `units`. */
  readonly hits: readonly number[];
  /** By slot. */
  readonly values: readonly FieldValue[];
}

/** The same where it is counted. */
export interface MatchedEvent extends Omit<SentMatch, 'rawLine'> {
  readonly line: string | undefined;
  /** Whether no value has more than 256 characters. Absent where that is not known. */
  readonly isShort?: boolean;
}

interface Run {
  /** Partition of `events`. */
  readonly from: number;
  /** Unit id and the ids of its detections, as the writer's rules have them. */
  readonly units: readonly (readonly [id: string, detections: readonly string[]])[];
  readonly progress: Readonly<Record<string, Progress>>;
  readonly channels: readonly string[];
  /** The rules that it was matched with. */
  readonly rules?: RuleRef;
  /** For the partition that watches over sources, what of messages of `events` is new. */
  readonly heard?: readonly HeardChunk[];
  /** Versions of the data that enrichers of the channels worked with, by enricher. */
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * One message of `matches`: everything that a stretch of one partition of `events` has for one partition of `matches`, for all rules and keys, and how far its channels are
 * afterwards. Every event knows its own origin, since a successor cuts the stretches differently.
 */
export interface MatchRun extends Run {
  readonly events: readonly MatchedEvent[];
}

/** What a run is made of. */
export interface RunToWrite extends Run {
  readonly events: readonly SentMatch[];
  /** For each unit: the fields that its windows and its evidence read. No others travel. */
  readonly fields: readonly (readonly RunField[])[];
}

export interface RunField {
  readonly name: string;
  readonly slot: number;
}

/** What is said once for all events of a run. */
interface Head extends Run {
  readonly fields: readonly string[];
  readonly hits: readonly (readonly number[])[];
  readonly count: number;
}

/** The first byte. */
const version = 2;
const lineLength = 512;
const shortValue = 256;

/** Layout, version 2: its number, the length of the head, the head as JSON, then the events one after the other: origin and time as differences, hits by their place in the head. */
export function writeRun(run: RunToWrite): Buffer {
  const channels = [...new Set([...run.channels, ...run.events.map(({ channel }) => channel)])];
  const body = new ByteWriter();
  const values = new ValueWriter(body);
  const tables = new Tables(run);
  let origin = 0;
  let time = 0;
  for (const event of run.events) {
    const set = tables.setOf(event.hits);
    body.whole(event.origin - origin);
    body.signed(event.time - time);
    body.signed(event.stamp - event.time);
    body.signed(event.arrival - event.time);
    body.whole(channels.indexOf(event.channel));
    body.text(event.id);
    body.text(event.rawLine === undefined ? '' : shortLine(event.rawLine));
    body.whole(set.place);
    for (const { place, slot } of set.fields) values.field(place + 1, event.values[slot]);
    body.byte(0);
    ({ origin, time } = event);
  }
  const { from, progress, events, rules, heard, data } = run;
  const { used: units, hits, fields } = tables;
  const head: Head = {
    from,
    units,
    progress,
    channels,
    fields,
    hits,
    count: events.length,
    ...(rules && { rules }),
    ...(heard && { heard }),
    ...(data && { data }),
  };
  const start = new ByteWriter();
  start.byte(version);
  start.text(JSON.stringify(head));
  return Buffer.concat([start.view(), body.view()]);
}

/** A line is shown, not searched: what is longer is cut. */
function shortLine(raw: string): string {
  if (raw.length <= lineLength) return raw;
  const text = textOfRaw(raw);
  return text.length <= lineLength ? raw : rawText(text.slice(0, lineLength));
}

interface HitSet {
  readonly place: number;
  readonly fields: readonly { readonly place: number; readonly slot: number }[];
}

/** Of units, detections and fields what the events of a run name: small runs, which is what live traffic makes, would else carry the names of all rules. */
class Tables {
  readonly used: [id: string, detections: string[]][] = [];
  readonly fields: string[] = [];
  readonly hits: (readonly number[])[] = [];
  readonly #units = new Map<number, { readonly unit: number; readonly detections: Map<number, number> }>();
  readonly #sets = new Map<string, HitSet>();

  constructor(private readonly run: RunToWrite) {}

  setOf(hits: readonly number[]): HitSet {
    const key = String.fromCharCode(...hits);
    const known = this.#sets.get(key);
    if (known) return known;
    const fields = new Map<string, number>();
    for (let at = 0; at < hits.length; at += 2) for (const { name, slot } of this.run.fields[hits[at]!]!) fields.set(name, slot);
    const made = {
      place: this.hits.push(this.#places(hits)) - 1,
      fields: [...fields].map(([name, slot]) => ({ place: this.#field(name), slot })),
    };
    this.#sets.set(key, made);
    return made;
  }

  #field(name: string): number {
    const found = this.fields.indexOf(name);
    return found >= 0 ? found : this.fields.push(name) - 1;
  }

  /** The same hits by their places in `used`. */
  #places(hits: readonly number[]): number[] {
    const found: number[] = [];
    for (let at = 0; at < hits.length; at += 2) {
      const [id, detections] = this.run.units[hits[at]!]!;
      let known = this.#units.get(hits[at]!);
      if (!known) this.#units.set(hits[at]!, (known = { unit: this.used.push([id, []]) - 1, detections: new Map() }));
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

/** An event of a run. Its line is decoded when somebody asks for it: few are shown. */
class ReadMatch implements MatchedEvent {
  origin = 0;
  time = 0;
  stamp = 0;
  arrival = 0;
  channel = '';
  id = '';
  rawLine = '';
  hits: readonly number[] = [];
  isShort = true;

  constructor(readonly values: FieldValue[]) {}

  get line(): string | undefined {
    return this.rawLine === '' ? undefined : textOfRaw(this.rawLine);
  }
}

/** @throws Error for what is no run, or one of a version that is not known yet. */
export function readRun(bytes: Buffer, slotOf: (field: string) => number): MatchRun {
  const reader = new ByteReader(bytes);
  const found = reader.byte();
  if (found !== version)
    throw new Error(`A run of matches has version ${found}; known is ${version}: all detectors must be of one release.`);
  const { fields, hits, count, ...run } = JSON.parse(reader.text()) as Head;
  const slots = fields.map(slotOf);
  // Copied for each event: growing would make several pieces of memory of it.
  const empty = Array.from({ length: Math.max(-1, ...slots) + 1 }, (): FieldValue => undefined);
  const texts: string[] = [];
  const events: MatchedEvent[] = [];
  let origin = 0;
  let time = 0;
  for (let at = 0; at < count; at++) {
    const event = new ReadMatch(empty.slice());
    event.origin = origin += reader.whole();
    event.time = time += reader.signed();
    event.stamp = time + reader.signed();
    event.arrival = time + reader.signed();
    event.channel = run.channels[reader.whole()]!;
    event.id = reader.text();
    event.rawLine = reader.text();
    event.hits = hits[reader.whole()]!;
    for (let field = reader.whole(); field > 0; field = reader.whole()) {
      const value = readValue(reader, texts);
      event.values[slots[field - 1]!] = value;
      if (typeof value === 'string' ? value.length > shortValue : typeof value === 'object') event.isShort = false;
    }
    events.push(event);
  }
  return { ...run, events };
}
