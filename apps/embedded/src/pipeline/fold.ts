import type { Detector, TaskStore } from '#detection';
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
  /** A signal waits at most this long for its checkpoint while records keep coming. */
  readonly signalDelay: Millis;
  /** Without signals a checkpoint is written this often. */
  readonly checkpointEvery: Millis;
}

const readBytes = 1 << 19;

/**
 * The deterministic fold over the log: ingest, then the detector, record by record in log order. State, position and signals are committed together;
 * a crash between two commits is undone by folding the same records again, which gives the same signals with the same ids.
 */
export class Fold {
  #parts: FoldParts;
  #position: number;
  #committed: number;
  #lastCommit: Millis;
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
    this.#lastCommit = parts.clock.now();
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

  get detector(): Detector {
    return this.#parts.detector;
  }

  /** Folds until `signal` is aborted, then finishes the batch in hand and writes a last checkpoint. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#replaceDetector();
      if (this.#position >= this.#parts.log.end()) {
        await this.#commitIf(this.#parts.detector.changed || this.#overdue());
        await this.#waitForMore(signal);
        continue;
      }
      for (const entry of this.#parts.log.read(this.#position, readBytes)) {
        if (isTick(entry)) await this.#tick(entry.offset, entry.tick);
        else await this.#batch(entry);
        await this.#commitIf(this.#overdue() || (this.#parts.detector.changed && this.#waited() >= this.#parts.signalDelay));
        if (signal.aborted || this.#replacement) break;
      }
      // Socket and timer callbacks get their turn between two reads.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await this.#commitIf(this.#position > this.#committed || this.#parts.detector.changed);
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

  async #commitIf(wanted: boolean): Promise<void> {
    if (!wanted || (this.#position === this.#committed && !this.#parts.detector.changed)) return;
    const { tasks, detector, ingest, clock } = this.#parts;
    const position = this.#position;
    await tasks.commit({ position, signals: detector.changes() }, (into) => {
      detector.save(into);
      ingest.save(into);
    });
    this.#committed = position;
    this.#lastCommit = clock.now();
  }

  #waited(): Millis {
    return this.#parts.clock.now() - this.#lastCommit;
  }

  #overdue(): boolean {
    return this.#waited() >= this.#parts.checkpointEvery;
  }

  async #waitForMore(signal: AbortSignal): Promise<void> {
    if (this.#replacement) return;
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
      await this.#commitIf(true);
      this.#parts = { ...this.#parts, detector: replacement.build() };
      replacement.done();
    } catch (error) {
      replacement.done(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
