import type { FieldValue } from '#ecs';
import type { HeardMinute } from '../detection.js';
import type { Millis } from '#time';

/** When a source counts as silent. */
export interface SilenceSettings {
  /** No shorter pause is a silence. */
  readonly atLeast: Millis;
  /** A pause is one when it is so many times as long as the longest of the last day. */
  readonly factor: number;
  /** A source is regular, and so watched, after it was heard for so long. */
  readonly learning: Millis;
}

/** A source as saved. */
interface Heard {
  first: number;
  /** Wall clock of its last record; time in which nobody was there does not count. */
  last: number;
  count: number;
  /** Event time and offset of its last record. */
  time: number;
  offset: number;
  /** Longest pause by hour of the wall clock, of the last day. */
  pauses: [hour: number, pause: number][];
  /** Slots that its events have. */
  fields: number[];
  /** The same by name, where they were told so: slots are no process's own then. */
  names?: string[];
  silent: boolean;
}
export interface SavedSources {
  /** When it was last looked whether some are silent. */
  readonly looked: number | null;
  readonly sources: Record<string, Heard>;
}

/** A source that has been silent for longer than its habit. */
export interface SilentSource {
  readonly source: string;
  readonly silentFor: Millis;
  readonly longestPause: Millis;
  readonly time: number;
  readonly offset: number;
  /** False where it was told before. */
  readonly fresh: boolean;
}

const hour = 3_600_000;
const fewestRecords = 60;
const mostSources = 500;
const look = 60_000;

/** Learns how regularly each source speaks and tells, at ticks of the log, which have fallen silent. */
export class SourceWatch {
  sources: Record<string, Heard> = {};
  readonly #fields = new Map<string, Set<number>>();
  #name = '';
  #heard: Heard | undefined;
  #looked = -Infinity;

  constructor(
    private readonly settings: SilenceSettings,
    private readonly slotOf: (field: string) => number,
  ) {}

  restore({ looked, sources }: SavedSources): void {
    this.#looked = looked ?? -Infinity;
    this.sources = sources;
    for (const [name, { fields, names = [] }] of Object.entries(sources))
      this.#fields.set(name, new Set([...fields, ...names.map(this.slotOf)]));
  }

  save(): SavedSources {
    for (const [name, fields] of this.#fields) {
      const heard = this.sources[name]!;
      if (!heard.names) heard.fields = [...fields];
    }
    return { looked: Number.isFinite(this.#looked) ? this.#looked : null, sources: this.sources };
  }

  /** Gives true when a silent source is back. */
  observe(
    source: string,
    { arrival, time, offset, values }: { arrival: number; time: number; offset: number; values: readonly FieldValue[] },
  ): boolean {
    const heard = source === this.#name && this.#heard ? this.#heard : this.#of(source, arrival);
    if (!heard) return false;
    const back = heard.silent;
    heard.silent = false;
    // A silence that was told is no habit.
    if (!back && arrival - heard.last >= 1000) learn(heard, arrival, arrival - heard.last);
    if (arrival > heard.last) heard.last = arrival;
    heard.time = time;
    heard.offset = offset;
    if (heard.count++ < 200 || heard.count % 64 === 0) this.#note(source, values);
    return back;
  }

  /** As `observe`, for events that others observed. */
  heard({ source, arrival, until, time, offset, count, fields }: HeardMinute): boolean {
    const heard = this.#of(source, arrival);
    if (!heard) return false;
    const back = heard.silent;
    heard.silent = false;
    if (!back && arrival - heard.last >= 1000) learn(heard, arrival, arrival - heard.last);
    if (until > heard.last) heard.last = until;
    heard.time = time;
    heard.offset = offset;
    heard.count += count;
    const names = (heard.names ??= []);
    const slots = this.#fields.get(source)!;
    for (const name of fields) {
      const slot = this.slotOf(name);
      if (slots.has(slot)) continue;
      slots.add(slot);
      names.push(name);
    }
    return back;
  }

  /** Nobody was there for so long: no source is to blame. */
  away(span: Millis): void {
    for (const heard of Object.values(this.sources)) heard.last += span;
  }

  /** Those that are silent now, each once a minute. */
  tick(now: number): SilentSource[] {
    if (now - this.#looked < look) return [];
    this.#looked = now;
    const { atLeast, factor, learning } = this.settings;
    return Object.entries(this.sources).flatMap(([source, heard]): SilentSource[] => {
      const silentFor = now - heard.last;
      if (heard.last - heard.first < learning || heard.count < fewestRecords) return [];
      const longestPause = Math.max(0, ...heard.pauses.map(([, pause]) => pause));
      if (silentFor < Math.max(atLeast, factor * longestPause)) return [];
      const fresh = !heard.silent;
      heard.silent = true;
      return [{ source, silentFor, longestPause, time: heard.time, offset: heard.offset, fresh }];
    });
  }

  /** Whether events of a source have a field. */
  has(source: string, slot: number): boolean {
    return this.#fields.get(source)?.has(slot) ?? false;
  }

  /** Sources that are not silent. */
  speaking(): string[] {
    return Object.keys(this.sources).filter((name) => !this.sources[name]!.silent);
  }

  #of(source: string, arrival: number): Heard | undefined {
    if (!Object.hasOwn(this.sources, source)) {
      if (Object.keys(this.sources).length >= mostSources) return undefined;
      this.sources[source] = { first: arrival, last: arrival, count: 0, time: 0, offset: 0, pauses: [], fields: [], silent: false };
      this.#fields.set(source, new Set());
    }
    this.#name = source;
    return (this.#heard = this.sources[source]);
  }

  #note(source: string, values: readonly FieldValue[]): void {
    const fields = this.#fields.get(source)!;
    for (let slot = 0; slot < values.length; slot++) if (values[slot] !== undefined && values[slot] !== null) fields.add(slot);
  }
}

function learn({ pauses }: Heard, arrival: number, pause: number): void {
  const at = Math.floor(arrival / hour);
  const last = pauses.at(-1);
  if (last?.[0] === at) last[1] = Math.max(last[1], pause);
  else pauses.push([at, pause]);
  while (pauses.length > 0 && pauses[0]![0] <= at - 24) pauses.shift();
}
