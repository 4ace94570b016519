import type { DeadLetter, Event } from '#ecs';
import type { DedupeWriter } from './dedupe.js';
import type { Ingested } from './ingested.js';
import { DATASET } from './slots.js';

/** Lines of a source no longer fit its format: found at one record of the log. */
export interface FormatDrift {
  readonly source: string;
  /** The record that decided it: offset, id and arrival are its. */
  readonly offset: number;
  readonly id: string;
  readonly arrival: number;
  /** Largest event time of the source so far; the arrival where it has none. */
  readonly time: number;
}

/** What is known of a source's lines, for health and `doctor`. */
export interface KnownFormat {
  /** Kinds of line by the first word of `event.dataset`, those of the sample; empty while it is being taken. */
  readonly kinds: readonly string[];
  /** Share of lines of the sample that fitted nothing. */
  readonly unread: number;
  /** Share of lines that do not fit in the last whole stretch. */
  readonly misfits: number;
  readonly drifting: boolean;
}

/**
 * Finds out from its first lines what a source sends, sticks to that, and says when lines stop fitting. Lines of other formats are read all the same, since none may be lost;
 * they count as misfits. The log drives it, record by record: same log, same answers, however it was cut.
 */
export interface FormatWatch {
  /** Every outcome of a stretch of one source; gives what was found, in offset order. */
  observe(ingested: Ingested): readonly FormatDrift[];
  known(): Readonly<Record<string, KnownFormat>>;
  /** Writes what changed since the last save, below `format/`. */
  save(writer: Pick<DedupeWriter, 'put'>): void;
  /** Takes saved entries; others than its own are passed over. Called before the first `observe`. */
  restore(entries: Iterable<readonly [key: string, value: Uint8Array]>): void;
}

/** Records of a sample, and of each stretch that is held against it. */
const sampleSize = 200;
const stretchSize = 100;
/** A sample's kinds; more than that is no format but a mixture, where any kind fits. */
const mostKinds = 16;
/** Drifting stretches in a row after which a source that is still read has a new format: it is learned anew. */
const learnAgainAfter = 20;
/** This many misfits in a row are told at once. */
const run = 50;
const prefix = 'format/';
const none: readonly FormatDrift[] = [];

interface SourceFormat {
  kinds: string[];
  learned: boolean;
  /** Records and misfits of the sample or stretch in hand. */
  seen: number;
  misfits: number;
  /** Dead letters among them: of the sample all misfits are. */
  unread: number;
  /** Share of dead letters in the sample. */
  usual: number;
  /** Misfits since the last fitting record. */
  inRow: number;
  /** Share of misfits in the last whole stretch. */
  last: number;
  /** Drifting stretches in a row. */
  drifting: number;
  time: number;
}

/** `anyKind` says of a source that its format was declared: then only what cannot be read does not fit. */
export function buildFormatWatch(anyKind: (source: string) => boolean): FormatWatch {
  const formats = new Map<string, SourceFormat>();
  const changed = new Set<string>();
  return {
    observe(ingested) {
      const { events, deadLetters } = ingested;
      const source = (events[0] ?? deadLetters[0])?.source;
      if (source === undefined) return none;
      let format = formats.get(source);
      if (!format) formats.set(source, (format = fresh()));
      changed.add(source);
      return observeStretch(format, ingested, anyKind(source));
    },
    known: () => Object.fromEntries([...formats].map(([source, format]) => [source, shown(format)])),
    save(writer) {
      for (const source of changed) writer.put(prefix + source, Buffer.from(JSON.stringify(formats.get(source))));
      changed.clear();
    },
    restore(entries) {
      for (const [key, value] of entries) {
        if (key.startsWith(prefix))
          formats.set(key.slice(prefix.length), { ...fresh(), ...(JSON.parse(Buffer.from(value).toString()) as SourceFormat) });
      }
    },
  };
}

/** Events and dead letters together in offset order. */
function observeStretch(format: SourceFormat, { events, deadLetters }: Ingested, anyKind: boolean): readonly FormatDrift[] {
  let drifts: FormatDrift[] | undefined;
  let letter = 0;
  // Lines of one kind come together: the last answer is remembered.
  let [lastDataset, lastFits]: [unknown, boolean] = [undefined, false];
  for (const event of events) {
    while (letter < deadLetters.length && deadLetters[letter]!.offset < event.offset) {
      const refused = deadLetters[letter++]!;
      if (step(format, false, true)) (drifts ??= []).push(driftAt(refused, format));
    }
    if (event.time > format.time) format.time = event.time;
    const dataset = event.values[DATASET];
    if (dataset !== lastDataset || !format.learned) [lastDataset, lastFits] = [dataset, anyKind || fits(format, dataset)];
    if (step(format, lastFits, false)) {
      (drifts ??= []).push(driftAt(event, format));
      lastDataset = undefined;
    }
  }
  for (; letter < deadLetters.length; letter++) if (step(format, false, true)) (drifts ??= []).push(driftAt(deadLetters[letter]!, format));
  return drifts ?? none;
}

function driftAt({ offset, id, arrival, source }: Event | DeadLetter, { time }: SourceFormat): FormatDrift {
  return { source, offset, id, arrival, time: time > 0 ? time : arrival };
}

/** Whether the record is of a kind of the sample; while that is being taken, its kind is noted. */
function fits(format: SourceFormat, dataset: unknown): boolean {
  const kind = kindOf(dataset);
  if (format.kinds.includes(kind)) return true;
  if (!format.learned && format.kinds.length < mostKinds) format.kinds.push(kind);
  return !format.learned || format.kinds.length >= mostKinds;
}

// nginx writes access lines that are told apart from Apache's only by their error lines: all of them are one kind.
const webServers = new Set(['nginx', 'apache', 'http']);

function kindOf(dataset: unknown): string {
  if (typeof dataset !== 'string') return 'other';
  const dot = dataset.indexOf('.');
  const kind = (dot < 0 ? dataset : dataset.slice(0, dot)).slice(0, 64);
  return webServers.has(kind) ? 'http' : kind;
}

/** Counts one record. True when a stretch ends that drifts, or when so many misfits came in a row that its end need not be awaited. */
function step(format: SourceFormat, fitting: boolean, unread: boolean): boolean {
  format.seen++;
  if (unread) format.unread++;
  if (fitting) format.inRow = 0;
  else {
    format.misfits++;
    format.inRow++;
  }
  if (!format.learned) return format.seen >= sampleSize && learn(format);
  const atOnce = format.inRow === run && format.drifting === 0 && limitOf(format) < 0.5;
  if (format.seen < stretchSize && !atOnce) return false;
  return endStretch(format);
}

/** The sample is complete. True when half of it fitted nothing: such a source has the wrong format from its beginning. */
function learn(format: SourceFormat): boolean {
  format.learned = true;
  format.usual = format.last = format.unread / format.seen;
  format.drifting = format.usual >= 0.5 ? 1 : 0;
  format.seen = format.misfits = format.unread = 0;
  return format.drifting > 0;
}

/** A quarter of what used to fit does not any more, or half of all. */
function limitOf({ usual }: SourceFormat): number {
  return Math.min(0.5, usual + 0.25 * (1 - usual));
}

function endStretch(format: SourceFormat): boolean {
  format.last = format.misfits / format.seen;
  const readable = format.unread * 2 < format.seen;
  format.seen = format.misfits = format.unread = 0;
  if (format.last < limitOf(format)) {
    format.drifting = 0;
    return false;
  }
  format.drifting++;
  if (format.drifting >= learnAgainAfter && readable) Object.assign(format, { ...fresh(), time: format.time });
  return true;
}

function fresh(): SourceFormat {
  return { kinds: [], learned: false, seen: 0, misfits: 0, unread: 0, usual: 0, inRow: 0, last: 0, drifting: 0, time: 0 };
}

function shown({ kinds, learned, usual, last, drifting }: SourceFormat): KnownFormat {
  return { kinds: learned ? kinds : [], unread: usual, misfits: last, drifting: drifting > 0 };
}
