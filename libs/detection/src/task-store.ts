import type { Signal } from '#ecs';
import type { StateReader, StateWriter } from './detection.js';

/** A signal in the journal: every revision that was committed, in commit order. */
export interface JournalEntry {
  readonly sequence: number;
  readonly signal: Signal;
}

/** What one checkpoint carries beside the state itself. */
export interface Checkpoint {
  /** Next log offset to observe. */
  readonly position: number;
  /** Signals that changed and were not told yet; they are appended to the journal in the same transaction. */
  readonly signals: readonly Signal[];
  /** Small facts of the host (dedupe horizon, counters), replaced as a whole. */
  readonly notes?: Readonly<Record<string, string>>;
}

/** State of a checkpoint that is gathered in pieces. */
export interface Draft {
  /** The bytes are copied. Of several for a key the last counts. */
  readonly into: StateWriter;
  /** Moves state, position and signals together. Resolves when the checkpoint is on disk. Drafts are committed in the order in which they were begun. */
  commit(checkpoint: Checkpoint): Promise<void>;
}

/**
 * Where the detector's state, its position and its signals are kept: state and position move together, in one transaction, or not at all.
 * Signals may go ahead of them. After a crash the fold runs again from the position and tells those signals again, with the same ids and revisions.
 * Port with the adapters `local` (lmdb) and, later, Kafka (compacted topic).
 */
export interface TaskStore extends StateReader {
  /** Position of the last checkpoint, 0 if there is none. */
  position(): number;
  note(key: string): string | undefined;
  /** A checkpoint whose state takes a while to gather: nothing is written before it is committed. */
  draft(): Draft;
  /** A draft at once: `write` puts the state that changed. Resolves when the checkpoint is on disk. */
  commit(checkpoint: Checkpoint, write: (into: StateWriter) => void): Promise<void>;
  /** Appends signals to the journal between two checkpoints. Resolves when they are on disk. */
  tell(signals: readonly Signal[]): Promise<void>;
  /** Journal entries after `sequence`, oldest first. */
  journal(after: number, limit: number): JournalEntry[];
  /** Resolves when the journal has entries after `sequence`, or when the signal is aborted. */
  waitForJournal(after: number, signal: AbortSignal): Promise<void>;
  /** Forgets journal entries up to and including `sequence`. */
  trimJournal(sequence: number): Promise<void>;
}
