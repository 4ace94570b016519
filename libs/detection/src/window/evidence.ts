import type { FieldValue } from '#ecs';
import type { Host, Observation } from '../detection.js';
import type { ByteReader, ByteWriter } from './bytes.js';
import { textOf } from './group.js';
import { ownCopy } from './key-table.js';
import { KeptEvent } from './recent.js';

const perSide = 10;
const lineLength = 512;
const valueLength = 256;

/** One counted event as evidence: the event itself while it is fresh, then only what a signal shows of it. */
export interface Exhibit {
  readonly time: number;
  readonly offset: number;
  event?: Observation;
  id?: string;
  line?: string;
  /** Values of the entity fields, in their order; empty where the event has none. */
  values?: readonly string[];
}

/** Fields whose values a signal lists, and where they are found. */
export interface EntityFields {
  readonly names: readonly string[];
  readonly slots: readonly number[];
}

/** The 10 earliest and the 10 latest events of an episode. Which they are depends on the set of events only. */
export class EvidenceList {
  readonly earliest: Exhibit[] = [];
  readonly latest: Exhibit[] = [];

  add(exhibit: Exhibit): void {
    if (this.earliest.length < perSide || before(exhibit, this.earliest[perSide - 1]!)) {
      insert(this.earliest, exhibit);
      if (this.earliest.length > perSide) this.earliest.pop();
    }
    const { latest } = this;
    if (latest.length < perSide || !before(exhibit, latest[0]!)) {
      insert(latest, exhibit);
      if (latest.length > perSide) latest.shift();
    }
  }

  /** True if an event of this time would be kept: saves making an exhibit of one that would not. */
  wants(time: number): boolean {
    return this.latest.length < perSide || time >= this.latest[0]!.time || time <= this.earliest[perSide - 1]!.time;
  }

  merge(other: EvidenceList): void {
    const seen = new Set([...this.earliest, ...this.latest].map(({ offset }) => offset));
    for (const exhibit of [...other.earliest, ...other.latest]) {
      if (seen.has(exhibit.offset)) continue;
      seen.add(exhibit.offset);
      this.add(exhibit);
    }
  }

  all(): Exhibit[] {
    const later = this.latest.filter(
      (exhibit) => !this.earliest.some(({ offset, time }) => offset === exhibit.offset && time === exhibit.time),
    );
    return [...this.earliest, ...later];
  }

  /** Lets go of the events: from here on only text is kept. */
  settle(host: Host, entities: EntityFields): void {
    for (const exhibit of this.earliest) settleExhibit(exhibit, host, entities);
    for (const exhibit of this.latest) settleExhibit(exhibit, host, entities);
  }

  write(into: ByteWriter): void {
    const all = this.all();
    into.whole(all.length);
    for (const { time, offset, id, line, values } of all) {
      into.number(time);
      into.whole(offset);
      into.text(id ?? '');
      into.text(line ?? '');
      into.whole(values?.length ?? 0);
      for (const value of values ?? []) into.text(value);
    }
  }

  read(from: ByteReader): this {
    for (let left = from.whole(); left > 0; left--) {
      const exhibit: Exhibit = { time: from.number(), offset: from.whole() };
      const id = from.text();
      const line = from.text();
      if (id) exhibit.id = id;
      if (line) exhibit.line = line;
      exhibit.values = Array.from({ length: from.whole() }, () => from.text());
      this.add(exhibit);
    }
    return this;
  }
}

function settleExhibit(exhibit: Exhibit, host: Host, { slots }: EntityFields): void {
  const { event } = exhibit;
  if (!event) return;
  exhibit.event = undefined;
  exhibit.id = event.id;
  const line = event instanceof KeptEvent ? event.line : host.line(event);
  if (line) exhibit.line = ownCopy(line.slice(0, lineLength));
  exhibit.values = slots.map((slot) => shownValue(event.values[slot]));
}

function shownValue(value: FieldValue): string {
  const text = textOf(value);
  return text === '' ? '' : ownCopy(text.slice(0, valueLength));
}

function before(one: Exhibit, other: Exhibit): boolean {
  return one.time < other.time || (one.time === other.time && one.offset < other.offset);
}

function insert(list: Exhibit[], exhibit: Exhibit): void {
  let at = list.length;
  while (at > 0 && before(exhibit, list[at - 1]!)) at--;
  // An event that counts twice, as a match of two inputs, is shown once.
  const previous = list[at - 1];
  if (previous?.offset === exhibit.offset && previous.time === exhibit.time) return;
  if (at === list.length) list.push(exhibit);
  else list.splice(at, 0, exhibit);
}
