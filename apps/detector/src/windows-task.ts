import { readRun, type ClusterProcess, type MatchRun, type Progress } from '#cluster';
import { buildDetector, type Detector, type DetectorSettings, type MatchedObserver, type Observation, type RuleUnit } from '#detection';
import type { FieldIndex, FieldValue } from '#ecs';
import { TaskState, type EntryWriter, type Outgoing, type PartitionTask, type TaskFacts, type TaskMessage } from '#kafka';
import type { Millis } from '#time';
import { HeldClock } from './held-clock.js';

interface Facts {
  readonly next: string;
  /** By partition of `events`: the last origin that was counted. */
  readonly marks: Readonly<Record<string, number>>;
  readonly clocks: Readonly<Record<string, Progress>>;
  readonly channels: readonly string[];
  /** Observations so far: the place that windows know an event by. */
  readonly observed: number;
  /** When time was last told. */
  readonly ticked: number;
}

const nothing: Facts = { next: '0', marks: {}, clocks: {}, channels: [], observed: 0, ticked: 0 };
/** Signals are told at most this long after they arose. */
const signalDelay: Millis = 200;
const tickEvery: Millis = 1000;

export interface WindowsShared {
  readonly process: ClusterProcess;
  readonly index: FieldIndex;
  readonly units: readonly RuleUnit[];
  /** Sources are channels here. */
  readonly settings: DetectorSettings;
}

type UnitDetector = Detector & MatchedObserver;
type Detectors = ReadonlyMap<string, { readonly unit: RuleUnit; readonly detector: UnitDetector }>;

/** A matched event as windows see it. */
interface Counted extends Observation {
  readonly line: string | undefined;
}

/** Matches of one partition are counted: a fold over its messages, with a detector for each unit of rules. */
export class WindowsTask implements PartitionTask {
  readonly #marks = new Map<string, number>();
  readonly #clock: HeldClock;
  readonly #found = new Int32Array(256);
  /** Built when the first message says which channels there are: one that has not spoken yet holds time back. */
  #detectors: Detectors | undefined;
  #next: bigint;
  #observed: number;
  #ticked: number;
  #saved: Millis;
  #unknown = false;

  private constructor(
    private readonly shared: WindowsShared,
    private readonly partition: number,
    private readonly state: TaskState<Facts>,
  ) {
    const { next, marks, clocks, channels, observed, ticked } = state.facts ?? nothing;
    this.#next = BigInt(next);
    for (const [from, mark] of Object.entries(marks)) this.#marks.set(from, mark);
    this.#clock = new HeldClock(channels, clocks);
    this.#observed = observed;
    this.#ticked = ticked;
    this.#saved = shared.process.clock.now();
    if (state.facts) this.#build();
  }

  static async open(shared: WindowsShared, topic: string, partition: number): Promise<WindowsTask> {
    const { client, restorer, outlet, names } = shared.process;
    const state = await TaskState.open<Facts>({ client, restorer, outlet, topic: names.state('windows', topic), partition });
    return new WindowsTask(shared, partition, state);
  }

  get next(): bigint {
    return this.#next;
  }

  async take(messages: readonly TaskMessage[]): Promise<void> {
    for (const { value, offset } of messages) {
      if (value) this.#fold(readRun(value));
      this.#next = BigInt(offset) + 1n;
    }
    await this.#saveIfDue();
  }

  async beat(): Promise<void> {
    await this.#saveIfDue();
  }

  async close(): Promise<void> {
    try {
      await this.#save();
    } finally {
      await this.state.close();
    }
  }

  facts(): TaskFacts {
    const marks = [...(this.#detectors?.values() ?? [])].map(({ detector }) => detector.counts().watermark).filter(Number.isFinite);
    return { checkpointAt: this.#saved, clock: this.#clock.value, ...(marks.length > 0 && { watermark: Math.min(...marks) }) };
  }

  #fold(run: MatchRun): void {
    this.#clock.know(run.channels);
    const detectors = this.#detectors ?? this.#build();
    const from = String(run.from);
    let mark = this.#marks.get(from) ?? -1;
    const slots = run.fields.map((name) => this.shared.index.slot(name));
    const units = run.units.map(([id, detections]) => {
      const known = detectors.get(id);
      if (!known) this.#tellUnknown(id);
      return (
        known && {
          detector: known.detector,
          places: detections.map((rule) => known.unit.rules.detections.findIndex((one) => one.rule.id === rule)),
        }
      );
    });
    for (const event of run.events) {
      if (event.origin <= mark) continue;
      mark = event.origin;
      const values: FieldValue[] = [];
      for (let at = 0; at < slots.length; at++) values[slots[at]!] = event.values[at];
      const { time, stamp, id, line, channel: source } = event;
      const observation: Counted = {
        time,
        stamp,
        id,
        line,
        source,
        values,
        offset: this.#observed++,
        arrival: this.#clock.at(event.arrival),
      };
      this.#observe(observation, event.hits, units);
    }
    this.#marks.set(from, mark);
    this.#advance(run);
  }

  /** `hits` are pairs, those of one unit one after the other. */
  #observe(
    observation: Counted,
    hits: readonly number[],
    units: readonly ({ readonly detector: UnitDetector; readonly places: readonly number[] } | undefined)[],
  ): void {
    const byUnit = new Map<number, number[]>();
    for (let at = 0; at < hits.length; at += 2) byUnit.set(hits[at]!, [...(byUnit.get(hits[at]!) ?? []), hits[at + 1]!]);
    for (const [place, detections] of byUnit) {
      const unit = units[place];
      if (!unit) continue;
      const found = detections
        .map((detection) => unit.places[detection]!)
        .filter((detection) => detection >= 0)
        .sort((one, other) => one - other);
      this.#found.set(found);
      unit.detector.observeMatched(observation, this.#found, found.length);
    }
  }

  /** Time passes for all units alike, by what the channels have reached. */
  #advance({ progress }: MatchRun): void {
    for (const [channel, one] of Object.entries(progress)) {
      const stamp = this.#clock.reach(channel, one);
      if (stamp === undefined) continue;
      const observation = {
        time: stamp,
        stamp,
        source: channel,
        values: [],
        offset: this.#observed++,
        arrival: this.#clock.at(one.clock),
        id: '',
        line: undefined,
      };
      for (const { detector } of this.#detectors!.values()) detector.observeMatched(observation, this.#found, 0);
    }
    const { value } = this.#clock;
    if (value === undefined || value - this.#ticked < tickEvery) return;
    this.#ticked = value;
    for (const { detector } of this.#detectors!.values()) detector.tick(value);
  }

  #build(): Detectors {
    const { units, index, settings } = this.shared;
    const saved = byUnit(this.state.entries);
    this.state.entries = new Map();
    const detectors: Detectors = new Map(
      units.map((unit) => {
        const entries = saved.get(unit.id);
        const detector = buildDetector({
          rules: unit.rules,
          index,
          host: { resolve: ({ values }, slot) => values[slot], line: (event) => (event as Counted).line },
          ...(entries && { state: { entries: () => entries } }),
          settings: { ...settings, sources: this.#clock.channels },
        });
        return [unit.id, { unit, detector }];
      }),
    );
    this.#detectors = detectors;
    return detectors;
  }

  #tellUnknown(unit: string): void {
    if (this.#unknown) return;
    this.#unknown = true;
    this.shared.process.logger.error(
      'Matches of rules that this detector does not have are left out: all detectors must have the same rules.',
      { unit },
    );
  }

  async #saveIfDue(): Promise<void> {
    const waited = this.shared.process.clock.now() - this.#saved;
    if (waited >= this.shared.process.config.detection.checkpoint_every || (waited >= signalDelay && this.#changed)) await this.#save();
  }

  get #changed(): boolean {
    for (const { detector } of this.#detectors?.values() ?? []) if (detector.changed) return true;
    return false;
  }

  async #save(): Promise<void> {
    const { process } = this.shared;
    const detectors = this.#detectors;
    if (!detectors) return;
    const outgoing: Outgoing[] = [];
    const partition = this.partition % process.topics.partitions.get(process.names.signals)!;
    for (const { detector } of detectors.values()) {
      for (const signal of detector.changes())
        outgoing.push({ topic: process.names.signals, partition, key: signal.id, value: Buffer.from(JSON.stringify(signal)) });
    }
    const facts: Facts = {
      next: this.#next.toString(),
      marks: Object.fromEntries(this.#marks),
      clocks: this.#clock.saved(),
      channels: this.#clock.channels,
      observed: this.#observed,
      ticked: this.#ticked,
    };
    await this.state.commit(facts, outgoing, (into) => {
      for (const [id, { detector }] of detectors) detector.save(below(into, id));
    });
    this.#saved = process.clock.now();
  }
}

function below(into: EntryWriter, unit: string): EntryWriter {
  return { put: (key, value) => into.put(`${unit}/${key}`, value), remove: (key) => into.remove(`${unit}/${key}`) };
}

function byUnit(entries: ReadonlyMap<string, Uint8Array>): Map<string, [string, Uint8Array][]> {
  const found = new Map<string, [string, Uint8Array][]>();
  for (const [key, value] of entries) {
    const cut = key.indexOf('/');
    const unit = key.slice(0, cut);
    let some = found.get(unit);
    if (!some) found.set(unit, (some = []));
    some.push([key.slice(cut + 1), value]);
  }
  return found;
}
