import { type FieldIndex, type FieldValue, slot, type Event, type Signal } from '#ecs';
import { buildDetector, defaultDetectorSettings, type DetectorCounts, type RuleSet } from '#detection';
import { buildEnrichers, buildIngest, headerAfter, linePart, type Ingest, type IngestSettings, type SourceSettings } from '#ingest';
import type { Millis } from '#time';
import { InputError, type Block, type Input } from '../input/blocks.js';
import { countRecords } from '../sources/records.js';
import type { LineWorkers } from './line-workers.js';
import { mergeByTime, type Cursor, type ReadPart } from './merge.js';
import { thinFieldsOf, ValueReader, type ReadBlock, type ThinFields } from './read-block.js';
import { ReadLine, type MatchedSet } from './read-line.js';

export interface ScanParts {
  readonly rules: RuleSet;
  readonly index: FieldIndex;
  /** Format and zone of the inputs. */
  readonly source: SourceSettings;
  readonly ingest?: IngestSettings;
  readonly grace: Millis;
  /** The wall clock at the start: the arrival time of everything read. */
  readonly now: Millis;
  /** Called for each signal when it is final. */
  readonly onSignal: (signal: Signal) => void;
  /** Called for each event before it is observed, where lines are read in this thread. */
  readonly onEvent?: (event: Event, scene: Scene) => void;
  /** Called after each block with the bytes read of that input. */
  readonly onProgress: (input: string, consumed: number) => void;
}

/** What can be asked about an event while it is at hand. */
export interface Scene {
  /** The watermark before the event. */
  watermark(): number;
  /** Whether a match does not count for a correlation, because of the state of its key. */
  isShut(rule: string, event: Event): boolean;
  /** A value that may have been left for later. */
  resolve(event: Event, slot: number): FieldValue;
  line(event: Event): string | undefined;
}

export interface ScanResult {
  readonly records: number;
  readonly events: number;
  readonly deadLetters: Readonly<Record<string, number>>;
  readonly future: number;
  readonly datasets: Readonly<Record<string, number>>;
  readonly first: number | undefined;
  readonly last: number | undefined;
  readonly counts: DetectorCounts;
  /** Inputs that could not be read to their end. */
  readonly broken: readonly InputError[];
}

/** Reads logs once through the whole chain, parse to windows, without storing anything. With `workers` the lines are read elsewhere, with the same result. */
export async function scan(inputs: readonly Input[], parts: ScanParts, workers?: LineWorkers): Promise<ScanResult> {
  const run = new ScanRun(parts);
  if (workers) {
    workers.begin(run.thin);
    const cursors = inputs.map((input) => run.cursor(input, workers.read(input), ({ read }) => run.place(read)));
    await mergeByTime(cursors, (line) => run.observeLine(line));
  } else {
    const cursors = inputs.map((input) => run.cursor(input, input.blocks(), (block) => run.read(block)));
    await mergeByTime(cursors, (event) => run.observe(event));
  }
  return run.finish();
}

class ScanRun {
  readonly #parts: ScanParts;
  readonly #ingest: Ingest;
  readonly #detector: ReturnType<typeof buildDetector>;
  readonly #sets = new Map<string, MatchedSet>();
  readonly #broken: InputError[] = [];
  readonly #deadLetters: Record<string, number> = {};
  readonly #datasets: Record<string, number> = {};
  readonly #scene: Scene = {
    watermark: () => this.#detector.counts().watermark,
    isShut: (rule, event) => this.#detector.isShut(rule, event),
    resolve: (event, at) => this.#ingest.resolve(event, at),
    line: (event) => this.#ingest.line(event),
  };
  readonly thin: ThinFields;
  #offset = 0;
  /** Where the blocks begin that matched lines may keep in memory, and the first of these places. */
  readonly #starts: number[] = [];
  #freshFrom = 0;
  #events = 0;
  #blank = 0;
  #future = 0;
  #first = Infinity;
  #last = -Infinity;

  constructor(parts: ScanParts) {
    this.#parts = parts;
    const { rules, index, grace } = parts;
    const ingest: Ingest = buildIngest({
      source: () => parts.source,
      index,
      enrichers: buildEnrichers(parts.ingest),
      eager: rules.matcher.fields,
      keepOriginal: false,
      ...linePart(parts.ingest),
    });
    this.#ingest = ingest;
    this.#detector = buildDetector({
      rules,
      index,
      host: {
        resolve: (event, at) => {
          if (!(event instanceof ReadLine)) return ingest.resolve(event as Event, at);
          return event.has(at) ? event.get(at) : ingest.resolve(event.whole(), at);
        },
        line: (event) => ingest.line(event instanceof ReadLine ? event.whole() : (event as Event)),
        isFresh: ({ offset }) => offset >= this.#freshFrom,
      },
      settings: { ...defaultDetectorSettings, grace: () => grace, durable: false },
    });
    const names = index.names();
    this.thin = this.#detector.thinSlots.map((slots) => slots.map((at) => names[at]!));
  }

  /** The parts of an input, as `take` makes them of its blocks. What is broken ends it. */
  cursor<B extends { readonly consumed: number }, E>(
    { name }: Input,
    blocks: AsyncIterable<B>,
    take: (block: B) => ReadPart<E>,
  ): Cursor<E> {
    const iterator = blocks[Symbol.asyncIterator]();
    return {
      next: async () => {
        try {
          const step = await iterator.next();
          if (step.done) return undefined;
          this.#parts.onProgress(name, step.value.consumed);
          return take(step.value);
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          this.#broken.push(error);
          return undefined;
        }
      },
    };
  }

  read({ payload, header }: Block): ReadPart<Event> {
    const count = countRecords(payload);
    const { events, deadLetters, blank } = this.#ingest.ingest({
      ...this.#batch(payload, this.#offset, count),
      ...(header !== undefined && { header }),
    });
    this.#readTo(this.#offset + count);
    for (const { reason } of deadLetters) add(this.#deadLetters, reason, 1);
    for (const { values } of events) add(this.#datasets, (values[slot['event.dataset']] as string | undefined) ?? 'other', 1);
    for (const amount of Object.values(blank)) this.#blank += amount;
    return { events };
  }

  /** What a worker read. */
  place(block: ReadBlock): ReadPart<ReadLine> {
    const { now: arrival, source } = this.#parts;
    const offset = this.#offset;
    this.#readTo(this.#offset + block.records);
    this.#blank += block.blank;
    for (const [reason, amount] of Object.entries(block.deadLetters)) add(this.#deadLetters, reason, amount);
    for (const [dataset, amount] of Object.entries(block.datasets)) add(this.#datasets, dataset, amount);
    const changes = headerAfter(block.payload, block.header) !== block.header;
    const parse = (line: Uint8Array, at: number, start: number): Event => {
      const header = changes ? headerAfter(block.payload, block.header, start) : block.header;
      return this.#ingest.ingest({ ...this.#batch(line, at, 1), ...(header !== undefined && { header }) }).events[0]!;
    };
    const lines = { block, offset, source: source.name, arrival, parse };
    const sets = block.sets.map((set) => this.#setOf(set));
    const values = new ValueReader(block);
    const events = Array.from(block.matched, (number, row) => {
      const set = sets[number]!;
      return new ReadLine(lines, row, set, values.some(set.slots.length));
    });
    return { events };
  }

  observe(event: Event): void {
    this.#count(event.time, event.stamp);
    this.#parts.onEvent?.(event, this.#scene);
    this.#detector.observe(event);
    this.#reportSome();
  }

  observeLine(line: ReadLine): void {
    this.#count(line.time, line.stamp);
    const { found } = line.set;
    this.#detector.observeMatched(line, found, found.length);
    this.#reportSome();
  }

  finish(): ScanResult {
    this.#detector.finish();
    this.#report();
    return {
      records: this.#offset - this.#blank,
      events: this.#events,
      deadLetters: this.#deadLetters,
      future: this.#future,
      datasets: this.#datasets,
      first: Number.isFinite(this.#first) ? this.#first : undefined,
      last: Number.isFinite(this.#last) ? this.#last : undefined,
      counts: this.#detector.counts(),
      broken: this.#broken,
    };
  }

  #readTo(offset: number): void {
    this.#starts.push(this.#offset);
    if (this.#starts.length > freshBlocks) this.#freshFrom = this.#starts.shift()!;
    this.#offset = offset;
  }

  /** All inputs are one source: they are merged by time, so one watermark serves. */
  #batch(payload: Uint8Array, offset: number, count: number): Parameters<Ingest['ingest']>[0] {
    const { now: arrival, source } = this.#parts;
    return { source: source.name, arrival, offset, count, payload };
  }

  #setOf(set: readonly number[]): MatchedSet {
    const key = set.join();
    let known = this.#sets.get(key);
    if (!known) {
      if (this.#sets.size >= mostSets) this.#sets.clear();
      const slots = thinFieldsOf(set, this.thin).map((name) => this.#parts.index.slot(name));
      this.#sets.set(key, (known = { found: Int32Array.from(set), slots }));
    }
    return known;
  }

  #count(time: number, stamp: number): void {
    this.#events++;
    if (time !== stamp) this.#future++;
    else {
      if (time < this.#first) this.#first = time;
      if (time > this.#last) this.#last = time;
    }
  }

  /** Final signals leave at once, so that memory does not grow with what was found. */
  #reportSome(): void {
    if (this.#detector.changed && this.#events % 4096 === 0) this.#report();
  }

  #report(): void {
    for (const signal of this.#detector.changes()) if (signal.status === 'closed') this.#parts.onSignal(signal);
  }
}

const mostSets = 4096;
/** Of a quarter of a megabyte each, as inputs give them: enough for the events that are remembered where a third of the lines matches. */
const freshBlocks = 40;

function add(counts: Record<string, number>, name: string, amount: number): void {
  counts[name] = (counts[name] ?? 0) + amount;
}
