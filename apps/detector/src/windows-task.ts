import { readRun, type ClusterProcess, type MatchRun, type Progress } from '#cluster';
import type { DetectorSettings, RuleUnit } from '#detection';
import type { FieldIndex, FieldValue } from '#ecs';
import { TaskState, type Outgoing, type PartitionTask, type TaskFacts, type TaskMessage } from '#kafka';
import type { Millis } from '#time';
import { HeldClock } from './held-clock.js';
import { PackedState, type PacketPlace } from './packed-state.js';
import { UnitDetectors } from './unit-detectors.js';

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
  readonly packets?: PacketPlace;
}

const nothing: Facts = { next: '0', marks: {}, clocks: {}, channels: [], observed: 0, ticked: 0 };
/** Signals are told at most this long after they arose. */
const signalDelay: Millis = 100;
const tickEvery: Millis = 1000;

export interface WindowsShared {
  readonly process: ClusterProcess;
  readonly index: FieldIndex;
  readonly units: readonly RuleUnit[];
  /** Sources are channels here. */
  readonly settings: DetectorSettings;
}

/**
 * Matches of one partition are counted: a fold over its messages, with a detector for each unit of rules. Signals are told as they arise, state and place are saved
 * together from time to time: after a loss the fold runs again from there and tells the same signals, with the same ids and revisions.
 */
export class WindowsTask implements PartitionTask {
  readonly #marks = new Map<string, number>();
  readonly #clock: HeldClock;
  readonly #packets: PackedState;
  /** Built when the first message says which channels there are: one that has not spoken yet holds time back. */
  #detectors: UnitDetectors | undefined;
  #next: bigint;
  #observed: number;
  #ticked: number;
  #saved: Millis;
  #told: Millis;
  #unknown = false;

  private constructor(
    private readonly shared: WindowsShared,
    private readonly partition: number,
    private readonly state: TaskState<Facts>,
  ) {
    const { next, marks, clocks, channels, observed, ticked, packets } = state.facts ?? nothing;
    this.#next = BigInt(next);
    for (const [from, mark] of Object.entries(marks)) this.#marks.set(from, mark);
    this.#clock = new HeldClock(channels, clocks);
    this.#observed = observed;
    this.#ticked = ticked;
    this.#saved = this.#told = shared.process.clock.now();
    this.#packets = new PackedState(packets);
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
    await this.beat();
  }

  async beat(): Promise<void> {
    const { clock, config } = this.shared.process;
    const now = clock.now();
    if (now - this.#saved >= config.detection.checkpoint_every) await this.#save();
    else if (now - this.#told >= signalDelay) await this.#tell();
  }

  async close(): Promise<void> {
    try {
      await this.#save();
    } finally {
      await this.state.close();
    }
  }

  facts(): TaskFacts {
    return { checkpointAt: this.#saved, clock: this.#clock.value, ...this.#detectors?.figures() };
  }

  #fold(run: MatchRun): void {
    this.#clock.know(run.channels);
    const detectors = this.#detectors ?? this.#build();
    const from = String(run.from);
    let mark = this.#marks.get(from) ?? -1;
    const slots = run.fields.map((name) => this.shared.index.slot(name));
    const targets = detectors.targets(run.units, (unit) => this.#tellUnknown(unit));
    for (const event of run.events) {
      if (event.origin <= mark) continue;
      mark = event.origin;
      const values: FieldValue[] = [];
      for (let at = 0; at < slots.length; at++) values[slots[at]!] = event.values[at];
      const { time, stamp, id, line, channel: source } = event;
      const arrival = this.#clock.at(event.arrival);
      detectors.observe({ time, stamp, id, line, source, values, offset: this.#observed++, arrival }, event.hits, targets);
    }
    this.#marks.set(from, mark);
    this.#advance(run, detectors);
  }

  /** Time passes for all units alike, by what the channels have reached. */
  #advance({ progress }: MatchRun, detectors: UnitDetectors): void {
    for (const [channel, one] of Object.entries(progress)) {
      const stamp = this.#clock.reach(channel, one);
      if (stamp === undefined) continue;
      const arrival = this.#clock.at(one.clock);
      detectors.pass({ time: stamp, stamp, source: channel, values: [], offset: this.#observed++, arrival, id: '', line: undefined });
    }
    const { value } = this.#clock;
    if (value === undefined || value - this.#ticked < tickEvery) return;
    this.#ticked = value;
    detectors.tick(value);
  }

  #build(): UnitDetectors {
    const { units, index, settings } = this.shared;
    const saved = this.#packets.read(this.state.entries);
    this.state.entries = new Map();
    return (this.#detectors = new UnitDetectors({ units, index, settings: { ...settings, sources: this.#clock.channels }, saved }));
  }

  #tellUnknown(unit: string): void {
    if (this.#unknown) return;
    this.#unknown = true;
    this.shared.process.logger.error(
      'Matches of rules that this detector does not have are left out: all detectors must have the same rules.',
      { unit },
    );
  }

  async #tell(): Promise<void> {
    const { process } = this.shared;
    if (!this.#detectors?.changed) return;
    const partition = this.partition % process.topics.partitions.get(process.names.signals)!;
    const topic = process.names.signals;
    const signals = this.#detectors
      .changes()
      .map((signal): Outgoing => ({ topic, partition, key: signal.id, value: Buffer.from(JSON.stringify(signal)) }));
    await process.outlet.send(signals);
    this.#told = process.clock.now();
  }

  async #save(): Promise<void> {
    const { process } = this.shared;
    const detectors = this.#detectors;
    if (!detectors) return;
    // What the state takes for told must have been told.
    await this.#tell();
    const round = detectors.saveAgain(this.#packets.again);
    const { place, write } = this.#packets.change((into) => detectors.save(into), round);
    const facts: Facts = {
      next: this.#next.toString(),
      marks: Object.fromEntries(this.#marks),
      clocks: this.#clock.saved(),
      channels: this.#clock.channels,
      observed: this.#observed,
      ticked: this.#ticked,
      packets: place,
    };
    await this.state.commit(facts, [], write);
    this.#saved = process.clock.now();
  }
}
