import { type FieldIndex, slot, type Event, type Signal } from '#ecs';
import { buildDetector, defaultDetectorSettings, type DetectorCounts, type RuleSet } from '#detection';
import { buildEnrichers, buildIngest, type Ingest, type Ingested, type SourceSettings } from '#ingest';
import type { Millis } from '#time';
import { InputError, type Input } from '../input/blocks.js';
import { countRecords } from '../sources/records.js';
import { mergeByTime, type Cursor } from './merge.js';

export interface ScanParts {
  readonly rules: RuleSet;
  readonly index: FieldIndex;
  /** Format and zone of the inputs. */
  readonly source: SourceSettings;
  readonly grace: Millis;
  /** The wall clock at the start: the arrival time of everything read. */
  readonly now: Millis;
  /** Called for each signal when it is final. */
  readonly onSignal: (signal: Signal) => void;
  /** Called after each block with the bytes read of that input. */
  readonly onProgress: (input: string, consumed: number) => void;
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

/** Reads logs once through the whole chain, parse to windows, without storing anything. */
export async function scan(inputs: readonly Input[], parts: ScanParts): Promise<ScanResult> {
  const run = new ScanRun(parts);
  await mergeByTime(
    inputs.map((input) => run.cursor(input)),
    { event: (event) => run.observe(event), deadLetter: ({ reason }) => run.deadLetter(reason) },
  );
  return run.finish();
}

class ScanRun {
  readonly #parts: ScanParts;
  readonly #ingest: Ingest;
  readonly #detector: ReturnType<typeof buildDetector>;
  readonly #broken: InputError[] = [];
  readonly #deadLetters: Record<string, number> = {};
  readonly #datasets: Record<string, number> = {};
  #offset = 0;
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
      enrichers: buildEnrichers(),
      eager: rules.matcher.fields,
      keepOriginal: false,
    });
    this.#ingest = ingest;
    this.#detector = buildDetector({
      rules,
      index,
      host: { resolve: (event, at) => ingest.resolve(event as Event, at), line: (event) => ingest.line(event as Event) },
      settings: { ...defaultDetectorSettings, grace: () => grace, durable: false },
    });
  }

  cursor(input: Input): Cursor {
    const { name } = input;
    const blocks = input.blocks()[Symbol.asyncIterator]();
    return {
      next: async () => {
        try {
          const step = await blocks.next();
          if (step.done) return undefined;
          this.#parts.onProgress(name, step.value.consumed);
          return this.#read(step.value.payload);
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          this.#broken.push(error);
          return undefined;
        }
      },
    };
  }

  #read(payload: Uint8Array): Ingested {
    // All inputs are one source: they are merged by time, so one watermark serves.
    const { now: arrival, source } = this.#parts;
    const count = countRecords(payload);
    const offset = this.#offset;
    this.#offset += count;
    const ingested = this.#ingest.ingest({ source: source.name, arrival, offset, count, payload });
    for (const blank of Object.values(ingested.blank)) this.#blank += blank;
    return ingested;
  }

  observe(event: Event): void {
    this.#events++;
    const dataset = (event.values[slot['event.dataset']] as string | undefined) ?? 'other';
    this.#datasets[dataset] = (this.#datasets[dataset] ?? 0) + 1;
    if (event.time !== event.stamp) this.#future++;
    else {
      if (event.time < this.#first) this.#first = event.time;
      if (event.time > this.#last) this.#last = event.time;
    }
    this.#detector.observe(event);
    // Final signals leave at once, so that memory does not grow with what was found.
    if (this.#detector.changed && this.#events % 4096 === 0) this.#report();
  }

  deadLetter(reason: string): void {
    this.#deadLetters[reason] = (this.#deadLetters[reason] ?? 0) + 1;
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

  #report(): void {
    for (const signal of this.#detector.changes()) if (signal.status === 'closed') this.#parts.onSignal(signal);
  }
}
