import type { FieldValue, Signal } from '#ecs';
import type { CoverageQuery, CoverageReport } from './watchdog/report.js';

/** One event as the detector sees it. `Event` of `#ecs` fits; so does a JSON document with an index of its own. */
export interface Observation {
  /** Event time as evaluated, in milliseconds. */
  readonly time: number;
  /** The log line's own stamp. Where it differs from `time` it lay in the future and is not believed: such an event cannot move the watermark. */
  readonly stamp: number;
  /** Place in the log: unique and rising in the order of observation. */
  readonly offset: number;
  /** Wall clock at acceptance, in milliseconds. */
  readonly arrival: number;
  readonly source: string;
  /** Derived event id; computed when asked for. */
  readonly id: string;
  /** Values by the index that the rules were compiled with. */
  readonly values: readonly FieldValue[];
}

/** Gives a field name its place in `Observation.values`. `FieldIndex` of `#ecs` fits. */
export interface SlotIndex {
  slot(name: string): number;
}

/** What the detector asks its host for, beside the values that rules read. */
export interface Host {
  /**
   * Fills values that cost more than a look (geography, user agent) the first time a matched event needs one. Predicates read only `values`; fields
   * they name are listed in `Detector.eagerFields` and must be filled before `observe`.
   */
  resolve(observation: Observation, slot: number): FieldValue;
  /** The line, or a rendering, for evidence: called for the few events that are kept as evidence. At most 512 characters. */
  line(observation: Observation): string | undefined;
  /**
   * The event at an offset, read from the log again, or undefined where that is not possible. Asked for when an episode opens on events that were
   * observed before a restart: without it their evidence has offset and time only.
   */
  recall?(offset: number): Observation | undefined;
  /** Lines and values are texts of their own, not pieces of a larger one that they would keep in memory: kept without a copy. */
  readonly ownTexts?: boolean;
  /**
   * Whether the text that an observation was cut from is in memory anyway: so long it is kept for evidence as it is, without a copy. Of observations with
   * rising offsets the oldest are the first that no longer are.
   */
  isFresh?(observation: Observation): boolean;
  /** Whether an observation may be kept as it is, for evidence: its texts are its own, its line has at most 512 characters and no value more than 256. */
  mayKeep?(observation: Observation): boolean;
}

/** Lines of a source that no longer fit its format, as the host found out from the log. `FormatDrift` of `#ingest` fits. */
export interface SourceTrouble {
  readonly source: string;
  /** The record that decided it. */
  readonly offset: number;
  readonly id: string;
  readonly arrival: number;
  /** Event time where the source stood, in milliseconds. */
  readonly time: number;
}

/** Numbers for `/metrics`, `doctor` and the report of `scan`. */
export interface DetectorCounts {
  readonly observed: number;
  readonly matched: Readonly<Record<string, number>>;
  /** Per source: events before the watermark, stored but not evaluated by windows. */
  readonly late: Readonly<Record<string, number>>;
  readonly keys: Readonly<Record<string, number>>;
  /** Keys given up because a rule had more than its cap. */
  readonly evicted: Readonly<Record<string, number>>;
  /** Per exception: events that did not count for a rule because of it, each once for each rule. */
  readonly excepted: Readonly<Record<string, number>>;
  readonly watermark: number;
}

/**
 * A deterministic fold over one log: state and signals depend on the observations and ticks in their order and on nothing else.
 */
export interface Detector {
  /** Fields that must be in `values` before `observe`. */
  readonly eagerFields: readonly string[];
  observe(observation: Observation): void;
  /** Becomes a signal about Gatewatch itself, one episode per source. Called in log order, between the records before and behind it. */
  formatDrift(trouble: SourceTrouble): void;
  /** A progress record of the log: timers fire, idle sources stop holding the watermark back. */
  tick(now: number): void;
  /** End of input: every open episode is closed. Only for `scan` and `match`. */
  finish(): void;
  /** Signals that changed since the last call, each once with its newest revision, in the order in which they first changed. */
  changes(): Signal[];
  /** True when `changes()` would give something. */
  readonly changed: boolean;
  /** Writes what changed since the last save. Called in the transaction that saves the position. */
  save(into: StateWriter): void;
  /**
   * The same in pieces: the state as it is now, whatever is observed before all of it is written. `into` is written to between the pieces, too: by
   * `observe`, with what is about to change. To be called after `changes`, and only when the save before was written to its end.
   */
  beginSave(into: StateWriter): Saving;
  counts(): DetectorCounts;
  /** How far event time was evaluated, by rule, and with which holes. Undefined where no ledger is kept, or nothing was evaluated yet. */
  coverage(query?: CoverageQuery): CoverageReport | undefined;
}

/** Events of one source, of one minute of event time, that were observed elsewhere. */
export interface HeardMinute {
  readonly source: string;
  /** Largest event time among them, in milliseconds. */
  readonly time: number;
  /** Wall clock at which the first and the last of them were accepted. */
  readonly arrival: number;
  readonly until: number;
  readonly count: number;
  /** How many of them were late by what others of the same channel had said before. */
  readonly late: number;
  /** Place in the log by which a silence after it is known. */
  readonly offset: number;
  /** Fields that some of them have. */
  readonly fields: readonly string[];
}

/** For a detector that watches over rules which are evaluated elsewhere (`WatchSettings.of`). */
export interface HeardObserver {
  heard(minute: HeardMinute): void;
}

/** For explanations. */
export interface KeyStates {
  /** Whether an event that matches does not count for a correlation, because of the state of its key (`unless`, `when`). Asked before the event is observed. */
  isShut(rule: string, observation: Observation): boolean;
}

/** For a store that forgets what was saved long ago. */
export interface RollingSave {
  /**
   * Has the next `save` write up to so many keys that did not change, going round: when `round` is told, all that
   * there is will have been saved since the call after the round before.
   */
  saveAgain(most: number): { readonly marked: number; readonly round: boolean };
}

/** The second half of `observe` alone, where other threads read and match the lines. */
export interface MatchedObserver {
  /**
   * As `observe`, where the matching was done elsewhere with the same rules: the first `count` of `found` are positions of detections, rising, as
   * `Matcher.match` gives them.
   */
  observeMatched(observation: Observation, found: Int32Array, count: number): void;
  /**
   * By detection: the slots that windows read of an observation which matches this detection; nothing more is read before `Host.line` or
   * `Host.resolve` was asked for it.
   */
  readonly thinSlots: readonly (readonly number[])[];
}

/** A save that is under way. */
export interface Saving {
  /** Writes up to so many keys more. True when everything is written; until then it has to be asked again. */
  some(most: number): boolean;
}

/** Everything that a detector can be asked for. */
export interface WholeDetector extends Detector, MatchedObserver, RollingSave, KeyStates, HeardObserver {}

/** State of a task as sorted keys and bytes: port with the adapter `local` (lmdb) and, later, a compacted topic. */
export interface StateWriter {
  /** The bytes belong to the caller again when this returns. */
  put(key: string, value: Uint8Array): void;
  remove(key: string): void;
}

export interface StateReader {
  /** Every saved entry, in any order. */
  entries(): Iterable<readonly [key: string, value: Uint8Array]>;
}

/** A match of one detection rule, for `gatewatch match` and metrics. */
export interface Match {
  readonly rule: string;
  readonly title: string;
  readonly observation: Observation;
}
