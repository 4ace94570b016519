import type { MatchRun } from '#cluster';
import {
  buildDetector,
  type Detector,
  type DetectorSettings,
  type MatchedObserver,
  type Observation,
  type RollingSave,
  type RuleUnit,
  type StateWriter,
} from '#detection';
import type { FieldIndex, Signal } from '#ecs';
import type { PackedEntry } from '#stream';
import type { Millis } from '#time';

/** A matched event as windows see it. */
export interface Counted extends Observation {
  readonly line: string | undefined;
}

/** Where the hits of a run go: for each of its units, our detector of that unit and our places of its detections. */
export type Targets = readonly ({ readonly detector: UnitDetector; readonly places: Int32Array } | undefined)[];

export interface UnitDetectorsParts {
  readonly units: readonly RuleUnit[];
  readonly index: FieldIndex;
  /** With the channels that there are as sources. */
  readonly settings: DetectorSettings;
  /** Saved entries of all units. */
  readonly saved: ReadonlyMap<string, PackedEntry>;
}

type UnitDetector = Detector & MatchedObserver & RollingSave;

/** A detector for each unit of rules: what the windows of one partition are. */
export class UnitDetectors {
  readonly #units: ReadonlyMap<string, { readonly places: ReadonlyMap<string, number>; readonly detector: UnitDetector }>;
  readonly #detectors: readonly (readonly [id: string, UnitDetector])[];
  readonly #found: Int32Array;
  /** The detector where `saveAgain` goes on. */
  #again = 0;

  constructor({ units, index, settings, saved }: UnitDetectorsParts) {
    const entries = byUnit(saved);
    this.#units = new Map(
      units.map((unit) => {
        const own = entries.get(unit.id);
        const detector = buildDetector({
          rules: unit.rules,
          index,
          host: { resolve: ({ values }, slot) => values[slot], line: (event) => (event as Counted).line },
          ...(own && { state: { entries: () => own } }),
          settings,
        });
        return [unit.id, { places: new Map(unit.rules.detections.map(({ rule }, place) => [rule.id, place])), detector }];
      }),
    );
    this.#detectors = [...this.#units].map(([id, { detector }]) => [id, detector]);
    this.#found = new Int32Array(Math.max(1, ...units.map(({ rules }) => rules.detections.length)));
  }

  /** `unknown` is told of units that are not among ours. */
  targets(units: MatchRun['units'], unknown: (unit: string) => void): Targets {
    return units.map(([id, detections]) => {
      const known = this.#units.get(id);
      if (!known) {
        unknown(id);
        return undefined;
      }
      return { detector: known.detector, places: Int32Array.from(detections, (rule) => known.places.get(rule) ?? -1) };
    });
  }

  /** `hits` are pairs of a unit's and a detection's place in the run, those of one unit one after the other. */
  observe(observation: Counted, hits: readonly number[], targets: Targets): void {
    for (let at = 0; at < hits.length;) {
      const unit = hits[at]!;
      const target = targets[unit];
      let count = 0;
      for (; at < hits.length && hits[at] === unit; at += 2) {
        const place = target ? target.places[hits[at + 1]!]! : -1;
        if (place >= 0) this.#found[count++] = place;
      }
      if (!target) continue;
      if (count > 1) this.#found.subarray(0, count).sort();
      target.detector.observeMatched(observation, this.#found, count);
    }
  }

  /** Event time that passes for all alike. */
  pass(observation: Counted): void {
    for (const [, detector] of this.#detectors) detector.observeMatched(observation, this.#found, 0);
  }

  tick(now: Millis): void {
    for (const [, detector] of this.#detectors) detector.tick(now);
  }

  /** The least watermark, absent before the first event, and how many keys all windows hold. */
  figures(): { readonly watermark?: Millis; readonly keys: number } {
    const counts = this.#detectors.map(([, detector]) => detector.counts());
    const keys = counts.reduce((sum, { keys: own }) => sum + Object.values(own).reduce((some, live) => some + live, 0), 0);
    const marks = counts.map(({ watermark }) => watermark).filter(Number.isFinite);
    return { keys, ...(marks.length > 0 && { watermark: Math.min(...marks) }) };
  }

  get changed(): boolean {
    for (const [, detector] of this.#detectors) if (detector.changed) return true;
    return false;
  }

  changes(): Signal[] {
    return this.#detectors.flatMap(([, detector]) => (detector.changed ? detector.changes() : []));
  }

  /** Has up to so many unchanged entries saved again, too. True at the end of a round through all. */
  saveAgain(most: number): boolean {
    let left = most;
    while (this.#again < this.#detectors.length) {
      const { marked, round } = this.#detectors[this.#again]![1].saveAgain(left);
      if (!round) return false;
      left -= marked;
      this.#again++;
    }
    this.#again = 0;
    return true;
  }

  save(into: StateWriter): void {
    for (const [id, detector] of this.#detectors) detector.save(below(into, id));
  }
}

function below(into: StateWriter, unit: string): StateWriter {
  return { put: (key, value) => into.put(`${unit}/${key}`, value), remove: (key) => into.remove(`${unit}/${key}`) };
}

function byUnit(entries: ReadonlyMap<string, PackedEntry>): Map<string, [string, Uint8Array][]> {
  const found = new Map<string, [string, Uint8Array][]>();
  for (const [key, { bytes, from, to }] of entries) {
    const cut = key.indexOf('/');
    const unit = key.slice(0, cut);
    let some = found.get(unit);
    if (!some) found.set(unit, (some = []));
    some.push([key.slice(cut + 1), bytes.subarray(from, to)]);
  }
  return found;
}
