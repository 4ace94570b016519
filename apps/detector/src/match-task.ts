import {
  CheckpointTimes,
  isLater,
  noticesOf,
  readEventMessage,
  readRulesNotice,
  writeRun,
  type ClusterProcess,
  type EventChunk,
  type HeardChunk,
  type Progress,
  type RuleRef,
  type SentMatch,
} from '#cluster';
import type { DetectorSettings, EcsObservation } from '#detection';
import type { FieldIndex } from '#ecs';
import { TaskState, type Outgoing, type PartitionTask, type TaskFacts, type TaskMessage } from '#kafka';
import type { Millis } from '#time';
import { DataVersions } from './data-versions.js';
import { Hearing } from './hearing.js';
import { readingWith, type Reading } from './match-reading.js';
import type { CompiledRules, RuleSets } from './rule-sets.js';

interface Facts {
  readonly next: string;
  /** By channel: the number of the record after the last that was taken. What comes again, from a predecessor or a zombie, is below. */
  readonly marks: Readonly<Record<string, number>>;
  readonly progress: Readonly<Record<string, Progress>>;
  readonly channels: readonly string[];
  /** The rules that were noticed last in this partition. */
  readonly rules?: RuleRef;
  /** By channel: the largest stamp that was trusted. */
  readonly stamps?: Readonly<Record<string, number>>;
  /** By channel: versions of the enrichers' data. */
  readonly data?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const nothing: Facts = { next: '0', marks: {}, progress: {}, channels: [] };
/** How often time is told to a partition: to all of them, and to one that gets matches anyway. */
const progressEvery: Millis = 1000;
const progressWithMatches: Millis = 250;
/** Rules that are known for so long and were not noticed in a partition are noticed there. */
const noticeAfter: Millis = 10_000;
/** Events of one run at most: with their lines about a megabyte. */
const runEvents = 1500;
/** Lines that a message of `events` has at most, as a power of two. */
const linesPerMessage = 4096;
/** The partition of `matches` where sources are watched over. */
export const watchPartition = 0;

export interface MatchShared {
  readonly process: ClusterProcess;
  readonly index: FieldIndex;
  readonly sets: RuleSets;
  /** Sources are channels here. */
  readonly settings: Pick<DetectorSettings, 'grace'>;
}

/** Events of one partition are matched, and what is counted of them is sent to where its group key is counted. Stateless but for its place. */
export class MatchTask implements PartitionTask {
  #reading: Reading;
  /** Since when rules are known that were published and not noticed here. */
  #unnoticed: Millis | undefined;
  readonly #partitions: number;
  readonly #marks = new Map<string, number>();
  readonly #progress = new Map<string, Progress>();
  readonly #channels: Set<string>;
  #next: bigint;
  readonly #checkpoints: CheckpointTimes;
  #told: Millis;
  readonly #toldTo: Float64Array;
  /** Channels whose progress has not been told to every partition. */
  readonly #untold = new Set<string>();
  readonly #hearing: Hearing;
  /** What was heard and is not sent yet. */
  #heard: HeardChunk[] = [];
  readonly #data: DataVersions;

  private constructor(
    private readonly shared: MatchShared,
    private readonly partition: number,
    private readonly state: TaskState<Facts>,
    rules: CompiledRules,
  ) {
    const { process } = shared;
    this.#reading = readingWith(rules, shared.index);
    this.#partitions = process.topics.partitions.get(process.names.matches)!;
    this.#toldTo = new Float64Array(this.#partitions);
    const { next, marks, progress, channels, stamps = {}, data = {} } = state.facts ?? nothing;
    this.#hearing = new Hearing(shared.settings.grace, stamps);
    this.#data = new DataVersions(data);
    this.#next = BigInt(next);
    for (const [channel, mark] of Object.entries(marks)) this.#marks.set(channel, mark);
    for (const [channel, one] of Object.entries(progress)) {
      this.#progress.set(channel, one);
      this.#untold.add(channel);
    }
    this.#channels = new Set(channels);
    this.#checkpoints = new CheckpointTimes(process.clock, partition);
    this.#told = 0;
  }

  static async open(shared: MatchShared, topic: string, partition: number): Promise<MatchTask> {
    const { client, restorer, outlet, names } = shared.process;
    const state = await TaskState.open<Facts>({ client, restorer, outlet, topic: names.state('match', topic), partition });
    try {
      return new MatchTask(shared, partition, state, await shared.sets.resume(state.facts?.rules));
    } catch (error) {
      await state.close();
      throw error;
    }
  }

  get next(): bigint {
    return this.#next;
  }

  async take(messages: readonly TaskMessage[]): Promise<void> {
    const rows = new Map<number, SentMatch[]>();
    for (const { value, headers, offset } of messages) {
      const noticed = readRulesNotice(headers);
      if (noticed) {
        await this.#change(noticed, rows, BigInt(offset));
        continue;
      }
      const message = readEventMessage(value, headers);
      if (!message) continue;
      for (const channel of message.channels) this.#channels.add(channel);
      if (message.data) this.#data.set(message.channel, message.data);
      if (message.chunk) this.#match(message.chunk, Number(offset), rows);
      this.#advance(message.channel, message.progress);
    }
    this.#next = BigInt(messages.at(-1)!.offset) + 1n;
    await this.#send(rows);
    await this.#saveIfDue();
  }

  async beat(): Promise<void> {
    await this.#send(new Map());
    await this.#notice();
    await this.#saveIfDue();
  }

  async close(): Promise<void> {
    try {
      await this.#save();
    } finally {
      await this.state.close();
    }
  }

  /** From this message of the partition on, other rules hold: what was matched before goes out first, under its own. */
  async #change(ref: RuleRef, rows: Map<number, SentMatch[]>, at: bigint): Promise<void> {
    if (!isLater(ref, this.#reading.compiled.ref)) return;
    const compiled = await this.shared.sets.get(ref);
    await this.#send(rows);
    rows.clear();
    this.#reading = readingWith(compiled, this.shared.index);
    this.#next = at + 1n;
    await this.#save();
    this.shared.process.logger.info('Published rules are in force from here on.', {
      partition: this.partition,
      offset: at.toString(),
      rules: ref.hash,
    });
  }

  /** A publication that was cut off, or a partition that is newer than it: the notice that this partition lacks is given now. */
  async #notice(): Promise<void> {
    const { process, sets } = this.shared;
    const { newest } = sets;
    if (!newest || !isLater(newest, this.#reading.compiled.ref)) {
      this.#unnoticed = undefined;
      return;
    }
    const now = process.clock.now();
    this.#unnoticed ??= now;
    if (now - this.#unnoticed < noticeAfter) return;
    this.#unnoticed = now;
    await process.outlet.send(noticesOf(newest, process.names.events, [this.partition]));
  }

  facts(): TaskFacts {
    const clocks = [...this.#progress.values()].map(({ clock }) => clock);
    return { checkpointAt: this.#checkpoints.at, ...(clocks.length > 0 && { clock: Math.min(...clocks) }) };
  }

  #match(chunk: EventChunk, message: number, rows: Map<number, SentMatch[]>): void {
    const { channel, source, to, offsets, documents, drifts = [] } = chunk;
    const mark = this.#marks.get(channel) ?? -1;
    if (to <= mark) return;
    const origin = message * linesPerMessage;
    const hearing = this.#hearing;
    hearing.begin({ origin: message, channel, source });
    this.#reading.lines.read(
      documents,
      (line) => origin + line,
      (event) => {
        const record = offsets[event.offset - origin]!;
        if (record < mark) return;
        hearing.event(event, record);
        this.#route(event, channel, rows);
      },
    );
    const heard = hearing.end(
      this.shared.index,
      drifts.filter(({ record }) => record >= mark),
    );
    if (heard) this.#heard.push(heard);
    this.#marks.set(channel, to);
  }

  #route(event: EcsObservation, channel: string, rows: Map<number, SentMatch[]>): void {
    const { compiled, found } = this.#reading;
    const count = compiled.rules.matcher.match(event.values, found);
    if (count === 0) return;
    const { time, stamp, arrival, id, rawLine, values, offset: origin } = event;
    for (const { partition, hits } of compiled.router.route(event, found, count)) {
      let some = rows.get(partition);
      if (!some) rows.set(partition, (some = []));
      some.push({ origin, time, stamp, arrival, channel, id, rawLine, hits, values });
    }
  }

  #advance(channel: string, { stamp, clock }: Progress): void {
    const before = this.#progress.get(channel);
    const highest = stamp === undefined ? before?.stamp : Math.max(stamp, before?.stamp ?? -Infinity);
    this.#progress.set(channel, { clock: Math.max(clock, before?.clock ?? 0), ...(highest !== undefined && { stamp: highest }) });
    this.#untold.add(channel);
  }

  /** A progress follows everything that it covers, so only the last run for a partition has it. */
  async #send(rows: ReadonlyMap<number, readonly SentMatch[]>): Promise<void> {
    const { process } = this.shared;
    const { fields, units, compiled } = this.#reading;
    const now = process.clock.now();
    const tell = this.#untold.size > 0 && now - this.#told >= progressEvery;
    const progress = Object.fromEntries(this.#progress);
    const outgoing: Outgoing[] = [];
    const data = this.#data.merged();
    const add = (partition: number, events: readonly SentMatch[], last: boolean): void => {
      const head = { from: this.partition, fields, units, channels: [...this.#channels], rules: compiled.ref, ...(data && { data }) };
      const watches = partition === watchPartition && this.#heard.length > 0;
      const run = { ...head, events, ...(watches && { heard: this.#heard.splice(0) }) };
      outgoing.push({ topic: process.names.matches, partition, value: writeRun({ ...run, progress: last ? progress : {} }) });
    };
    for (let partition = 0; partition < this.#partitions; partition++) {
      const events = rows.get(partition) ?? [];
      const telling = tell || now - this.#toldTo[partition]! >= progressWithMatches;
      for (let at = 0; at < events.length; at += runEvents)
        add(partition, events.slice(at, at + runEvents), telling && at + runEvents >= events.length);
      if (events.length === 0 && (tell || (partition === watchPartition && this.#heard.length > 0))) add(partition, [], telling);
      if (telling) this.#toldTo[partition] = now;
    }
    if (tell) {
      this.#untold.clear();
      this.#told = now;
    }
    await process.outlet.send(outgoing);
  }

  async #saveIfDue(): Promise<void> {
    this.state.check();
    if (this.#checkpoints.isDue) await this.#save();
  }

  async #save(): Promise<void> {
    const facts: Facts = {
      next: this.#next.toString(),
      marks: Object.fromEntries(this.#marks),
      progress: Object.fromEntries(this.#progress),
      channels: [...this.#channels],
      rules: this.#reading.compiled.ref,
      stamps: this.#hearing.saved(),
      data: this.#data.saved(),
    };
    this.#checkpoints.taken();
    await this.state.begin(facts, [], () => undefined);
  }
}
