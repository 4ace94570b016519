import { readEventMessage, writeRun, type ClusterProcess, type EventChunk, type MatchedEvent, type Progress } from '#cluster';
import { EcsLines, type EcsObservation, type Router, type RuleSet } from '#detection';
import type { FieldIndex } from '#ecs';
import { TaskState, type Outgoing, type PartitionTask, type TaskFacts, type TaskMessage } from '#kafka';
import type { Millis } from '#time';

interface Facts {
  readonly next: string;
  /** By channel: the number of the record after the last that was taken. What comes again, from a predecessor or a zombie, is below. */
  readonly marks: Readonly<Record<string, number>>;
  readonly progress: Readonly<Record<string, Progress>>;
  readonly channels: readonly string[];
}

const nothing: Facts = { next: '0', marks: {}, progress: {}, channels: [] };
const saveEvery: Millis = 2000;
/** How often time is told to a partition: to all of them, and to one that gets matches anyway. */
const progressEvery: Millis = 1000;
const progressWithMatches: Millis = 250;
/** Events of one run at most: with their lines about a megabyte. */
const runEvents = 1500;
/** Lines that a message of `events` has at most, as a power of two. */
const linesPerMessage = 4096;

export interface MatchShared {
  readonly process: ClusterProcess;
  readonly index: FieldIndex;
  readonly rules: RuleSet;
  readonly router: Router;
}

/** Events of one partition are matched, and what is counted of them is sent to where its group key is counted. Stateless but for its place. */
export class MatchTask implements PartitionTask {
  readonly #lines: EcsLines;
  readonly #found: Int32Array;
  readonly #fields: readonly string[];
  readonly #units: readonly (readonly [string, readonly string[]])[];
  readonly #partitions: number;
  readonly #marks = new Map<string, number>();
  readonly #progress = new Map<string, Progress>();
  readonly #channels: Set<string>;
  #next: bigint;
  #saved: Millis;
  #told: Millis;
  readonly #toldTo: Float64Array;
  /** Channels whose progress has not been told to every partition. */
  readonly #untold = new Set<string>();

  private constructor(
    private readonly shared: MatchShared,
    private readonly partition: number,
    private readonly state: TaskState<Facts>,
  ) {
    const { rules, index, router, process } = shared;
    this.#lines = new EcsLines(rules, index);
    this.#fields = this.#lines.windowSlots.map(({ name }) => name);
    this.#found = new Int32Array(rules.detections.length);
    this.#units = router.units.map(({ id, rules: own }) => [id, own.detections.map(({ rule }) => rule.id)]);
    this.#partitions = process.topics.partitions.get(process.names.matches)!;
    this.#toldTo = new Float64Array(this.#partitions);
    const { next, marks, progress, channels } = state.facts ?? nothing;
    this.#next = BigInt(next);
    for (const [channel, mark] of Object.entries(marks)) this.#marks.set(channel, mark);
    for (const [channel, one] of Object.entries(progress)) {
      this.#progress.set(channel, one);
      this.#untold.add(channel);
    }
    this.#channels = new Set(channels);
    this.#saved = process.clock.now();
    this.#told = 0;
  }

  static async open(shared: MatchShared, topic: string, partition: number): Promise<MatchTask> {
    const { client, restorer, outlet, names } = shared.process;
    const state = await TaskState.open<Facts>({ client, restorer, outlet, topic: names.state('match', topic), partition });
    return new MatchTask(shared, partition, state);
  }

  get next(): bigint {
    return this.#next;
  }

  async take(messages: readonly TaskMessage[]): Promise<void> {
    const rows = new Map<number, MatchedEvent[]>();
    for (const { value, headers, offset } of messages) {
      const message = readEventMessage(value, headers);
      if (!message) continue;
      for (const channel of message.channels) this.#channels.add(channel);
      if (message.chunk) this.#match(message.chunk, Number(offset), rows);
      this.#advance(message.channel, message.progress);
    }
    this.#next = BigInt(messages.at(-1)!.offset) + 1n;
    await this.#send(rows);
    await this.#saveIfDue();
  }

  async beat(): Promise<void> {
    await this.#send(new Map());
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
    const clocks = [...this.#progress.values()].map(({ clock }) => clock);
    return { checkpointAt: this.#saved, ...(clocks.length > 0 && { clock: Math.min(...clocks) }) };
  }

  #match(chunk: EventChunk, message: number, rows: Map<number, MatchedEvent[]>): void {
    const { channel, to, offsets, documents } = chunk;
    const mark = this.#marks.get(channel) ?? -1;
    if (to <= mark) return;
    const origin = message * linesPerMessage;
    this.#lines.read(
      documents,
      (line) => origin + line,
      (event) => {
        if (offsets[event.offset - origin]! >= mark) this.#route(event, channel, rows);
      },
    );
    this.#marks.set(channel, to);
  }

  #route(event: EcsObservation, channel: string, rows: Map<number, MatchedEvent[]>): void {
    const { rules, router } = this.shared;
    const count = rules.matcher.match(event.values, this.#found);
    if (count === 0) return;
    const { time, stamp, arrival, id, line, offset: origin } = event;
    const values = this.#lines.windowSlots.map(({ slot }) => event.values[slot]);
    const shown = line === undefined || line.length <= 512 ? line : line.slice(0, 512);
    for (const { partition, hits } of router.route(event, this.#found, count)) {
      let some = rows.get(partition);
      if (!some) rows.set(partition, (some = []));
      some.push({ origin, time, stamp, arrival, channel, id, line: shown, hits, values });
    }
  }

  #advance(channel: string, { stamp, clock }: Progress): void {
    const before = this.#progress.get(channel);
    const highest = stamp === undefined ? before?.stamp : Math.max(stamp, before?.stamp ?? -Infinity);
    this.#progress.set(channel, { clock: Math.max(clock, before?.clock ?? 0), ...(highest !== undefined && { stamp: highest }) });
    this.#untold.add(channel);
  }

  /** A progress follows everything that it covers, so only the last run for a partition has it. */
  async #send(rows: ReadonlyMap<number, readonly MatchedEvent[]>): Promise<void> {
    const { process } = this.shared;
    const now = process.clock.now();
    const tell = this.#untold.size > 0 && now - this.#told >= progressEvery;
    const progress = Object.fromEntries(this.#progress);
    const outgoing: Outgoing[] = [];
    const add = (partition: number, events: readonly MatchedEvent[], last: boolean): void => {
      const run = { from: this.partition, fields: this.#fields, units: this.#units, channels: [...this.#channels], events };
      outgoing.push({ topic: process.names.matches, partition, value: writeRun({ ...run, progress: last ? progress : {} }) });
    };
    for (let partition = 0; partition < this.#partitions; partition++) {
      const events = rows.get(partition) ?? [];
      const telling = tell || now - this.#toldTo[partition]! >= progressWithMatches;
      for (let at = 0; at < events.length; at += runEvents)
        add(partition, events.slice(at, at + runEvents), telling && at + runEvents >= events.length);
      if (events.length === 0 && tell) add(partition, [], true);
      if (telling) this.#toldTo[partition] = now;
    }
    if (tell) {
      this.#untold.clear();
      this.#told = now;
    }
    await process.outlet.send(outgoing);
  }

  async #saveIfDue(): Promise<void> {
    if (this.shared.process.clock.now() - this.#saved >= saveEvery) await this.#save();
  }

  async #save(): Promise<void> {
    const facts: Facts = {
      next: this.#next.toString(),
      marks: Object.fromEntries(this.#marks),
      progress: Object.fromEntries(this.#progress),
      channels: [...this.#channels],
    };
    await this.state.commit(facts, [], () => undefined);
    this.#saved = this.shared.process.clock.now();
  }
}
