import type { HeardChunk, MatchedEvent, MatchRun } from '#cluster';
import {
  buildDetector,
  type DetectorSettings,
  type Host,
  type Observation,
  type RuleSet,
  type RuleUnit,
  type StateWriter,
  type WatchSettings,
  type WholeDetector,
} from '#detection';
import type { FieldIndex, FieldValue, Signal } from '#ecs';
import type { PackedEntry } from '#stream';
import type { Millis } from '#time';

/** A matched event as windows see it. */
export class Counted implements Observation {
  readonly time: number;
  readonly stamp: number;
  readonly source: string;
  readonly id: string;
  readonly values: readonly FieldValue[];

  constructor(
    private readonly event: Omit<MatchedEvent, 'origin' | 'hits' | 'arrival'>,
    readonly offset: number,
    readonly arrival: Millis,
  ) {
    this.time = event.time;
    this.stamp = event.stamp;
    this.source = event.channel;
    this.id = event.id;
    this.values = event.values;
  }

  get line(): string | undefined {
    return this.event.line;
  }

  /** The line of a run is short, see `writeRun`. */
  get mayBeKept(): boolean {
    return this.event.isShort === true;
  }
}

/** Where the hits of a run go: for each of its units, our detector of that unit and our places of its detections. */
export type Targets = readonly ({ readonly detector: UnitDetector; readonly places: Int32Array } | undefined)[];

/** Whether a match of a detection for a unit counts here. */
export type Counts = (unit: string, detection: string) => boolean;

export interface UnitDetectorsParts {
  readonly units: readonly RuleUnit[];
  readonly index: FieldIndex;
  /** With the channels that there are as sources. */
  readonly settings: DetectorSettings;
  /** Saved entries of all units. */
  readonly saved: ReadonlyMap<string, PackedEntry>;
  /** The event at a place, as long as it is remembered. */
  readonly recall: (place: number) => Counted | undefined;
  /** Where sources are watched over: all rules, which of them are blind and how far they are evaluated is noted. */
  readonly watch?: { readonly rules: RuleSet; readonly settings: WatchSettings };
}

type UnitDetector = WholeDetector;

/** Counts nothing, and watches. No rule's unit has such an id. */
const watchUnit = 'watch';

/** A detector for each unit of rules: what the windows of one partition are. */
export class UnitDetectors {
  readonly #units: ReadonlyMap<string, { readonly places: ReadonlyMap<string, number>; readonly detector: UnitDetector }>;
  readonly #detectors: readonly (readonly [id: string, UnitDetector])[];
  readonly #found: Int32Array;
  readonly #fresh: readonly UnitDetector[];
  readonly #watch: UnitDetector | undefined;
  /** The detector where `saveAgain` goes on. */
  #again = 0;

  constructor({ units: counted, index, settings: general, saved, recall, watch }: UnitDetectorsParts) {
    const entries = byUnit(saved);
    const units = watch ? [...counted, watching(watch.rules)] : counted;
    const host: Host = {
      resolve: ({ values }, slot) => values[slot],
      line: (event) => (event as Counted).line,
      recall,
      ownTexts: true,
      // One event for all units that remember it, not a copy for each.
      mayKeep: (event) => (event as Counted).mayBeKept,
    };
    this.#units = new Map(
      units.map((unit) => {
        const own = entries.get(unit.id);
        const settings = unit.id === watchUnit ? { ...general, watch: { ...watch!.settings, of: watch!.rules } } : general;
        const detector = buildDetector({
          rules: unit.rules,
          index,
          host,
          ...(own && { state: { entries: () => own } }),
          settings,
        });
        return [unit.id, { places: new Map(unit.rules.detections.map(({ rule }, place) => [rule.id, place])), detector }];
      }),
    );
    this.#fresh = [...this.#units].filter(([id]) => !entries.has(id)).map(([, { detector }]) => detector);
    this.#watch = this.#units.get(watchUnit)?.detector;
    this.#detectors = [...this.#units].map(([id, { detector }]) => [id, detector]);
    this.#found = new Int32Array(Math.max(1, ...units.map(({ rules }) => rules.detections.length)));
  }

  targets(units: MatchRun['units'], counts: Counts): Targets {
    return units.map(([id, detections]) => {
      const known = this.#units.get(id);
      const places = Int32Array.from(detections, (rule) => (counts(id, rule) ? (known?.places.get(rule) ?? -1) : -1));
      return known && { detector: known.detector, places };
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

  /** What a message of `events` says of its source; nothing is done with it where sources are not watched over. */
  heard({ source, fields, minutes, drifts }: HeardChunk, offset: number): void {
    const watch = this.#watch;
    if (!watch) return;
    minutes.forEach((one, at) => watch.heard({ ...one, source, offset, fields: at === 0 ? fields : [] }));
    for (const { id, arrival, time } of drifts) watch.formatDrift({ source, offset, id, arrival, time });
  }

  /** Event time that has passed already, for units that have no saved state. */
  begin(observation: Counted): void {
    for (const detector of this.#fresh) detector.observeMatched(observation, this.#found, 0);
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

  /** By rule: keys that were given up since the state began. */
  evicted(): Readonly<Record<string, number>> {
    const all = this.#detectors.flatMap(([, detector]) => Object.entries(detector.counts().evicted));
    const found: Record<string, number> = {};
    for (const [rule, amount] of all) if (amount > 0) found[rule] = (found[rule] ?? 0) + amount;
    return found;
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

function watching(rules: RuleSet): Pick<RuleUnit, 'id' | 'rules'> {
  return { id: watchUnit, rules: { detections: [], correlations: [], matcher: rules.matcher } };
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
