import { CheckpointTimes, isLater, readRun, type MatchRun } from '#cluster';
import type { Provenance, Signal } from '#ecs';
import { TaskState, type Outgoing, type PartitionTask, type TaskFacts, type TaskMessage } from '#kafka';
import { EntryPacket, readEntries, type PackedEntry } from '#stream';
import type { Millis } from '#time';
import { DataVersions } from './data-versions.js';
import { HeldClock } from './held-clock.js';
import { LedgerAccount } from './ledger-account.js';
import { watchPartition } from './match-task.js';
import { PackedState, type PackedChange } from './packed-state.js';
import type { CompiledRules } from './rule-sets.js';
import { placeOf, RecentRuns } from './recent-runs.js';
import { Counted, UnitDetectors, type Counts } from './unit-detectors.js';
import { noWindows, type WindowsFacts, type WindowsShared } from './windows-facts.js';

/** Signals are told at most this long after they arose. */
const signalDelay: Millis = 100;
const tickEvery: Millis = 1000;
/** Coverage is told with one of so many checkpoints. */
const accountEvery = 6;

/**
 * Matches of one partition are counted: a fold over its messages, with a detector for each unit of rules. Signals are told as they arise, state and place are saved
 * together from time to time: after a loss the fold runs again from there and tells the same signals, with the same ids and revisions.
 */
export class WindowsTask implements PartitionTask {
  readonly #marks = new Map<string, number>();
  readonly #heard: Map<string, number>;
  readonly #account: LedgerAccount;
  readonly #data: DataVersions;
  readonly #clock: HeldClock;
  readonly #packets: PackedState;
  /** Built when the first message says which channels there are: one that has not spoken yet holds time back. */
  #detectors: UnitDetectors | undefined;
  /** Behind the last message that was folded. */
  #folded: bigint;
  /** Behind the last that was read: below `#folded` while what was folded before the task was opened is remembered. */
  #next: bigint;
  readonly #recent = new RecentRuns((value) => readRun(value, this.#slotOf));
  #ticked: number;
  readonly #checkpoints: CheckpointTimes;
  #told: Millis;
  #unknown = false;
  #accounted: Millis = 0;

  private constructor(
    private readonly shared: WindowsShared,
    private readonly partition: number,
    private readonly state: TaskState<WindowsFacts>,
    private rules: CompiledRules,
  ) {
    const { next, marks, clocks, channels, ticked, packets, remembered, heard = {}, account, data = {} } = state.facts ?? noWindows;
    this.#heard = new Map(Object.entries(heard));
    this.#account = new LedgerAccount(shared.process.topics.partitions.get(shared.process.names.matches)!, account);
    this.#data = new DataVersions(data);
    this.#folded = BigInt(next);
    this.#next = BigInt(remembered ?? next);
    for (const [from, mark] of Object.entries(marks)) this.#marks.set(from, mark);
    this.#clock = new HeldClock(channels, clocks);
    this.#ticked = ticked;
    const { clock, config } = shared.process;
    this.#told = clock.now();
    this.#checkpoints = new CheckpointTimes(clock, partition, config.detection.checkpoint_every);
    this.#packets = new PackedState(packets);
    if (state.facts) this.#restore();
  }

  static async open(shared: WindowsShared, topic: string, partition: number): Promise<WindowsTask> {
    const { client, restorer, outlet, names } = shared.process;
    const state = await TaskState.open<WindowsFacts>({ client, restorer, outlet, topic: names.state('windows', topic), partition });
    try {
      return new WindowsTask(shared, partition, state, await shared.sets.resume(state.facts?.rules));
    } catch (error) {
      await state.close();
      throw error;
    }
  }

  get next(): bigint {
    return this.#next;
  }

  get needs(): bigint {
    return this.#folded;
  }

  async take(messages: readonly TaskMessage[]): Promise<void> {
    for (const { value, offset } of messages) {
      const place = BigInt(offset);
      if (value) this.#recent.add(place, value);
      this.#next = place + 1n;
      if (place < this.#folded) continue;
      if (value) {
        const run = readRun(value, this.#slotOf);
        if (run.rules && isLater(run.rules, this.rules.ref)) await this.#change(await this.shared.sets.get(run.rules));
        this.#fold(run, place, await this.#counts(run));
      }
      this.#folded = place + 1n;
    }
    await this.beat();
  }

  async beat(): Promise<void> {
    this.state.check();
    if (this.#checkpoints.isDue) await this.#save();
    else if (this.shared.process.clock.now() - this.#told >= signalDelay) await this.#tell();
  }

  async close(): Promise<void> {
    try {
      await this.#save();
    } finally {
      await this.state.close();
    }
  }

  facts(): TaskFacts {
    return { checkpointAt: this.#checkpoints.at, clock: this.#clock.value, ...this.#detectors?.figures() };
  }

  readonly #slotOf = (field: string): number => this.shared.index.slot(field);

  /**
   * Other rules from here on: the first message of any partition of `events` that was matched with them is the place. Rules that did not change keep their windows.
   * What partitions that are behind still have of the old ones counts where both say the same.
   */
  async #change(rules: CompiledRules): Promise<void> {
    await this.#tell();
    const saved = new EntryPacket();
    const before = this.#detectors;
    this.rules = rules;
    if (before) {
      // Twice: the first ends a round that may be half way through.
      before.saveAgain(Infinity);
      before.saveAgain(Infinity);
      before.save({ put: (key, value) => saved.put(key, value), remove: () => undefined });
      this.#build(new Map([...readEntries(saved.bytes())].map((entry): [string, PackedEntry] => [entry.key, entry])));
      const after = this.#detectors!;
      after.saveAgain(Infinity);
      await this.#commit(this.#packets.all((into) => after.save(this.#account.looking(into))));
    }
    this.shared.process.logger.info('Windows go over to published rules.', { partition: this.partition, rules: rules.ref.hash });
  }

  /** Which matches of a run count here: with rules of another time, only where they mean the same. Undefined: all do. */
  async #counts({ rules: matched, events }: MatchRun): Promise<Counts | undefined> {
    const { ref, meanings } = this.rules;
    if (!matched || events.length === 0 || matched.hash === ref.hash) return undefined;
    const other = await this.shared.sets.get(matched);
    return (unit, detection) => other.meanings.get(unit)?.get(detection) === meanings.get(unit)?.get(detection);
  }

  #fold(run: MatchRun, message: bigint, counts: Counts | undefined): void {
    this.#clock.know(run.channels);
    const detectors = this.#detectors ?? this.#build(new Map());
    const from = String(run.from);
    let mark = this.#marks.get(from) ?? -1;
    const targets = detectors.targets(run.units, counts ?? ((unit) => this.#known(unit)));
    for (let at = 0; at < run.events.length; at++) {
      const event = run.events[at]!;
      if (event.origin <= mark) continue;
      mark = event.origin;
      detectors.observe(new Counted(event, placeOf(message, at), this.#clock.at(event.arrival)), event.hits, targets);
    }
    this.#marks.set(from, mark);
    if (run.data) this.#data.set(from, run.data);
    this.#hear(run, placeOf(message, run.events.length), detectors);
    this.#advance(run, message, detectors);
  }

  /** Before time passes by what its channels have reached: a source that spoke is not silent. */
  #hear({ from, heard = [] }: MatchRun, place: number, detectors: UnitDetectors): void {
    for (const one of heard) {
      if (one.origin <= (this.#heard.get(String(from)) ?? -1)) continue;
      this.#heard.set(String(from), one.origin);
      detectors.heard(one, place);
    }
  }

  /** Time passes for all units alike, by what the channels have reached. */
  #advance({ progress, events }: MatchRun, message: bigint, detectors: UnitDetectors): void {
    let at = events.length + 1;
    for (const [channel, one] of Object.entries(progress)) {
      const stamp = this.#clock.reach(channel, one);
      if (stamp === undefined) continue;
      const arrival = this.#clock.at(one.clock);
      const passed = { time: stamp, stamp, channel, id: '', line: undefined, values: [] };
      detectors.pass(new Counted(passed, placeOf(message, at++), arrival));
    }
    const { value } = this.#clock;
    if (value === undefined || value - this.#ticked < tickEvery) return;
    this.#ticked = value;
    detectors.tick(value);
  }

  #restore(): void {
    const entries = this.#packets.read(this.state.entries);
    this.#account.restore(entries);
    this.#build(entries);
    this.state.entries = new Map();
  }

  #build(saved: ReadonlyMap<string, PackedEntry>): UnitDetectors {
    const { index, settings, watch } = this.shared;
    const { router, rules } = this.rules;
    const { units } = router;
    const made = new UnitDetectors({
      units,
      index,
      settings: { ...settings, sources: this.#clock.channels },
      saved,
      recall: (place) => this.#recall(place),
      ...(this.partition === watchPartition && { watch: { rules, settings: watch } }),
    });
    // A unit that is new knows the time of all channels as the others do.
    const { value: arrival } = this.#clock;
    if (arrival !== undefined) {
      for (const [source, { stamp }] of Object.entries(this.#clock.saved())) {
        if (stamp === undefined) continue;
        const passed = { time: stamp, stamp, channel: source, id: '', line: undefined, values: [] };
        made.begin(new Counted(passed, placeOf(this.#folded, 0), arrival));
      }
    }
    return (this.#detectors = made);
  }

  /** Of an event that windows know by its place alone, for evidence. */
  #recall(place: number): Counted | undefined {
    const found = this.#recent.find(place);
    if (!found) return undefined;
    const event = found.run.events[found.at]!;
    return new Counted(event, place, event.arrival);
  }

  /** Told once: a run without a rule set to compare with, of a process from before there were any, or of other files. */
  #known(unit: string): boolean {
    if (this.rules.meanings.has(unit)) return true;
    const text = 'Matches of rules that this detector does not have are left out: all detectors must have the same rules.';
    if (!this.#unknown) this.shared.process.logger.error(text, { unit });
    this.#unknown = true;
    return false;
  }

  async #tell(): Promise<void> {
    const { process } = this.shared;
    const data = this.#data.merged();
    const provenance: Provenance = { ...this.shared.provenance, rules: this.rules.ref.hash, ...(data && { data }) };
    if (!this.#detectors?.changed) return;
    const partition = this.partition % process.topics.partitions.get(process.names.signals)!;
    const topic = process.names.signals;
    const signals = this.#detectors
      .changes()
      .map((signal): Signal => ({ ...signal, provenance }))
      .map((signal): Outgoing => ({ topic, partition, key: signal.id, value: Buffer.from(JSON.stringify(signal)) }));
    await process.outlet.send(signals);
    this.#told = process.clock.now();
  }

  async #save(): Promise<void> {
    const detectors = this.#detectors;
    if (!detectors) return;
    // What the state takes for told must have been told.
    await this.#tell();
    const round = detectors.saveAgain(this.#packets.again);
    this.#account.note(detectors);
    await this.#commit(this.#packets.change((into) => detectors.save(this.#account.looking(into)), round));
  }

  /** In the transaction of the checkpoint: what a task says that is no longer ours is not heard. */
  #coverage(): Outgoing[] {
    const { clock, config, names } = this.shared.process;
    const now = clock.now();
    if (now - this.#accounted < accountEvery * config.detection.checkpoint_every) return [];
    this.#accounted = now;
    const value = Buffer.from(JSON.stringify(this.#account.part()));
    return [{ topic: names.coverage, partition: 0, key: String(this.partition), value }];
  }

  async #commit({ place, write }: PackedChange): Promise<void> {
    const facts: WindowsFacts = {
      next: this.#folded.toString(),
      ...(this.#recent.oldest !== undefined && { remembered: this.#recent.oldest.toString() }),
      marks: Object.fromEntries(this.#marks),
      clocks: this.#clock.saved(),
      channels: this.#clock.channels,
      ticked: this.#ticked,
      packets: place,
      rules: this.rules.ref,
      heard: Object.fromEntries(this.#heard),
      account: this.#account.saved(),
      data: this.#data.saved(),
    };
    this.#checkpoints.taken();
    await this.state.begin(facts, this.#coverage(), write);
  }
}
