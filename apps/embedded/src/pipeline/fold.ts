import type { Detector, Draft, Saving, TaskStore } from '#detection';
import type { FormatDrift, Ingested } from '#ingest';
import { isTick, type LoggedBatch, type RecordLog } from '#stream';
import type { Counter, Logger, Metrics } from '#telemetry';
import type { Clock, Millis } from '#time';
import { emptyStretch, type Indexer } from './indexer.js';

/** The part of ingest that the fold drives. */
export interface FoldIngest {
  ingest(batch: LoggedBatch, from: number): Ingested;
  /** Where within a stretch lines stopped fitting their source's format, in offset order. */
  drifts(ingested: Ingested): readonly FormatDrift[];
  /** Puts what ingest itself must remember (dedupe horizon) into the checkpoint. */
  save(into: Parameters<Detector['save']>[0]): void;
}

export interface FoldParts {
  readonly log: RecordLog;
  readonly tasks: TaskStore;
  readonly ingest: FoldIngest;
  readonly detector: Detector;
  readonly indexer: Indexer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** A signal waits at most this long to be told while records keep coming. */
  readonly signalDelay: Millis;
  /** A checkpoint is written this often: what a key gathered meanwhile is written once, and after a crash so much is folded again. */
  readonly checkpointEvery: Millis;
}

const readBytes = 1 << 19;
/** Keys of a checkpoint that are written at once, and how many more with each record that was folded meanwhile: a record changes half as many. */
const leastKeys = 512;
const keysPerRecord = 16;

/** A checkpoint on its way. */
interface Gathering {
  readonly position: number;
  readonly draft: Draft;
  readonly saving: Saving;
  /** Where the fold stood when keys were last written. */
  reached: number;
}

/**
 * The deterministic fold over the log: ingest, then the detector, record by record in log order. State and position are committed together, seldom;
 * signals are told at once. The state of a checkpoint is that of one position, gathered in pieces while the fold goes on. A crash between two checkpoints is undone by folding the same records again, which gives the same signals with the same
 * ids and revisions: who hears of them twice knows them.
 */
export class Fold {
  #parts: FoldParts;
  #position: number;
  #committed: number;
  #lastCommit: Millis;
  #lastTold: Millis;
  /** Signals on their way to the disk; the fold goes on meanwhile. */
  #telling: Promise<void> | undefined;
  #gathering: Gathering | undefined;
  /** A checkpoint on its way to the disk; the fold goes on meanwhile. */
  #committing: Promise<void> | undefined;
  #failed = false;
  #replacement: { build: () => Detector; done: (error?: Error) => void } | undefined;
  #wake = new AbortController();
  readonly #deadLetters: Counter;

  constructor(parts: FoldParts) {
    this.#parts = parts;
    this.#deadLetters = parts.metrics.counter(
      'ingest_dead_letters_total',
      'Records that could not be understood, as they were read; what a crash repeats counts again.',
      ['source', 'reason'],
    );
    this.#position = this.#committed = parts.tasks.position();
    this.#lastCommit = this.#lastTold = parts.clock.now();
    parts.indexer.position = () => this.#position;
  }

  /** Next offset to observe. */
  get position(): number {
    return this.#position;
  }

  /** Position of the last checkpoint, and when it was written. */
  get checkpoint(): { readonly position: number; readonly at: Millis } {
    return { position: this.#committed, at: this.#lastCommit };
  }

  /** Whether signals were found that are not on disk yet. */
  get signalsWaiting(): boolean {
    return this.#telling !== undefined || this.#parts.detector.changed;
  }

  get detector(): Detector {
    return this.#parts.detector;
  }

  /** Folds until `signal` is aborted, then finishes the batch in hand and writes a last checkpoint. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#replaceDetector();
      if (this.#position >= this.#parts.log.end()) {
        await this.#tell();
        await this.#checkpoint();
        if (!this.#gathering) await this.#waitForMore(signal);
        else await new Promise((resolve) => setImmediate(resolve));
        continue;
      }
      for (const entry of this.#parts.log.read(this.#position, readBytes)) {
        if (isTick(entry)) await this.#tick(entry.offset, entry.tick);
        else await this.#batch(entry);
        await this.#checkpoint();
        this.#tellAhead();
        if (signal.aborted || this.#replacement) break;
      }
      // Socket and timer callbacks get their turn between two reads.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await this.#checkpointNow();
  }

  /**
   * Puts another detector in place between two records: the state is saved first and the new detector is built from it, so rules that did not change keep their windows.
   */
  replaceDetector(build: () => Detector): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#replacement = { build, done: (error) => (error ? reject(error) : resolve()) };
      this.#wake.abort();
    });
  }

  async #batch(batch: LoggedBatch): Promise<void> {
    const { ingest, detector, indexer } = this.#parts;
    const from = Math.max(this.#position, batch.offset);
    const ingested = ingest.ingest(batch, from);
    for (const { source, reason } of ingested.deadLetters) this.#deadLetters.add(1, { source, reason });
    const drifts = ingest.drifts(ingested);
    let told = 0;
    for (const event of ingested.events) {
      while (told < drifts.length && drifts[told]!.offset < event.offset) detector.formatDrift(drifts[told++]!);
      detector.observe(event);
    }
    while (told < drifts.length) detector.formatDrift(drifts[told++]!);
    this.#position = ingested.to;
    await indexer.offer(ingested);
  }

  async #tick(offset: number, now: number): Promise<void> {
    this.#parts.detector.tick(now);
    this.#position = offset + 1;
    await this.#parts.indexer.offer(emptyStretch(offset));
  }

  /** Begins a checkpoint when it is time, and writes some more of one that is on its way. */
  async #checkpoint(): Promise<void> {
    const { clock, checkpointEvery } = this.#parts;
    if (this.#failed) await this.#committing;
    const gathering = this.#gathering;
    if (gathering) {
      const most = leastKeys + keysPerRecord * (this.#position - gathering.reached);
      gathering.reached = this.#position;
      if (gathering.saving.some(most)) this.#commit(gathering);
    } else if (!this.#committing && this.#hasMore && clock.now() - this.#lastCommit >= checkpointEvery) await this.#gather();
  }

  /** A checkpoint of what there is, on disk when it resolves. */
  async #checkpointNow(): Promise<void> {
    if (this.#gathering) this.#commitRest(this.#gathering);
    await this.#committing;
    if (this.#hasMore) {
      await this.#gather();
      this.#commitRest(this.#gathering!);
    }
    await this.#committing;
    await this.#telling;
  }

  get #hasMore(): boolean {
    return this.#position !== this.#committed || this.#parts.detector.changed;
  }

  /** What was found so far is told first, so that the state need not remember that it was not. */
  async #gather(): Promise<void> {
    const { tasks, detector, ingest } = this.#parts;
    await this.#telling;
    if (detector.changed) this.#send();
    const draft = tasks.draft();
    const saving = detector.beginSave(draft.into);
    ingest.save(draft.into);
    this.#gathering = { position: this.#position, draft, saving, reached: this.#position };
  }

  #commitRest(gathering: Gathering): void {
    gathering.saving.some(Infinity);
    this.#commit(gathering);
  }

  #commit({ position, draft }: Gathering): void {
    this.#gathering = undefined;
    const committing = (this.#committing = this.#write(draft, position));
    // A failure stays in `#committing`, and ends the fold at its next step.
    committing.then(
      () => {
        if (this.#committing === committing) this.#committing = undefined;
      },
      () => {
        this.#failed = true;
        this.#wake.abort();
      },
    );
  }

  async #write(draft: Draft, position: number): Promise<void> {
    await this.#telling;
    await draft.commit({ position, signals: [] });
    this.#committed = position;
    this.#lastCommit = this.#parts.clock.now();
  }

  /** Sends off the signals that have waited long enough, unless others are still on their way. */
  #tellAhead(): void {
    const { detector, clock, signalDelay } = this.#parts;
    if (this.#telling || !detector.changed || clock.now() - this.#lastTold < signalDelay) return;
    this.#send();
  }

  /** Tells all there is to tell, and waits until it is on disk. */
  async #tell(): Promise<void> {
    await this.#telling;
    if (this.#parts.detector.changed) this.#send();
    await this.#telling;
  }

  #send(): void {
    const { tasks, detector, clock } = this.#parts;
    this.#lastTold = clock.now();
    const telling = (this.#telling = tasks.tell(detector.changes()));
    // A failure stays in `#telling`, and ends the fold where that is waited for next.
    telling.then(
      () => {
        if (this.#telling === telling) this.#telling = undefined;
      },
      () => undefined,
    );
  }

  async #waitForMore(signal: AbortSignal): Promise<void> {
    if (this.#replacement || this.#failed || signal.aborted) return;
    const wake = (this.#wake = new AbortController());
    const stop = (): void => wake.abort();
    signal.addEventListener('abort', stop, { once: true });
    await this.#parts.log.waitFor(this.#position, wake.signal);
    signal.removeEventListener('abort', stop);
  }

  async #replaceDetector(): Promise<void> {
    const replacement = this.#replacement;
    if (!replacement) return;
    this.#replacement = undefined;
    try {
      await this.#checkpointNow();
      this.#parts = { ...this.#parts, detector: replacement.build() };
      replacement.done();
    } catch (error) {
      replacement.done(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
