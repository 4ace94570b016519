import { channelOf, CheckpointTimes, eventHeaders, eventsPartition, type ClusterProcess, type EventChunk, type Progress } from '#cluster';
import type { FieldIndex, DeadLetter } from '#ecs';
import { DocumentWriter } from '#elastic';
import { buildDedupe, buildFormatWatch, buildIngest, sourceTag, splitMessage, type Dedupe, type FormatWatch, type Ingest } from '#ingest';
import { linesOf, TaskState, type Outgoing, type PartitionTask, type TaskFacts, type TaskMessage } from '#kafka';
import type { Millis } from '#time';
import { dataVersions } from './data-versions.js';
import type { IngestCounters } from './ingest-counters.js';
import { ChannelWork, noRecords, type ChannelFacts } from './channel-work.js';
import type { ReadingParts } from './reading.js';

/** What the channels of a process share. */
export interface IngestShared {
  readonly process: ClusterProcess;
  readonly index: FieldIndex;
  /** How lines of any source are read. */
  readonly reading: ReadingParts;
  /** All channels of all sources. */
  readonly channels: readonly string[];
  readonly counters: IngestCounters;
}

/** Records of one partition of a source's topic become events, in order. The fold depends on the messages and on their broker's time only. */
export class ChannelTask implements PartitionTask {
  readonly #channel: string;
  readonly #tag: string;
  readonly #ingest: Ingest;
  readonly #writer: DocumentWriter;
  #facts: ChannelFacts;
  readonly #checkpoints: CheckpointTimes;
  #told: number;

  private constructor(
    private readonly shared: IngestShared,
    private readonly place: { readonly topic: string; readonly partition: number; readonly source: string },
    private readonly state: TaskState<ChannelFacts>,
    private readonly kept: { readonly dedupe: Dedupe; readonly formats: FormatWatch },
  ) {
    const { process, index, reading } = shared;
    const { topic, partition } = place;
    const { dedupe } = kept;
    this.#channel = channelOf(topic, partition);
    this.#tag = sourceTag(`kafka/${process.topics.cluster}/${topic}/${partition}`);
    this.#ingest = buildIngest({ ...reading, index, dedupe });
    this.#writer = new DocumentWriter(index);
    this.#facts = state.facts ?? noRecords;
    this.#told = this.#facts.clock;
    this.#checkpoints = new CheckpointTimes(process.clock, partition);
  }

  static async open(shared: IngestShared, topic: string, partition: number): Promise<ChannelTask> {
    const { process } = shared;
    const { client, restorer, outlet, config, names } = process;
    const source = config.sources.find(({ topics }) => topics.includes(topic))!.name;
    const state = await TaskState.open<ChannelFacts>({ client, restorer, outlet, topic: names.state('ingest', topic), partition });
    const { max_ids: maxIds, horizon } = config.ingest.dedupe;
    const dedupe = buildDedupe({ maxIds, horizon });
    dedupe.restore(state.entries);
    const formats = buildFormatWatch((name) => shared.reading.source(name).format !== 'auto');
    formats.restore(state.entries);
    state.entries = new Map();
    return new ChannelTask(shared, { topic, partition, source }, state, { dedupe, formats });
  }

  get next(): bigint {
    return BigInt(this.#facts.next);
  }

  async take(messages: readonly TaskMessage[]): Promise<void> {
    const { process } = this.shared;
    const work = new ChannelWork(this.#facts, this.#writer);
    for (const group of byTime(messages)) {
      const values = group.map(({ value }) => value);
      const { payload, count } = linesOf(values, splitMessage);
      const arrival = Number(group[0]!.timestamp);
      const { bytes: position, records: offset } = work;
      const ingested =
        count === 0
          ? undefined
          : this.#ingest.ingest({ source: this.place.source, arrival, payload, count, tag: this.#tag, position, offset });
      work.add(arrival, payload.length, count, ingested);
      if (ingested) work.drifts.push(...this.kept.formats.observe(ingested));
      this.shared.counters.count(this.place.source, count, ingested);
    }
    const next = (BigInt(messages.at(-1)!.offset) + 1n).toString();
    const facts: ChannelFacts = { ...work.facts(), next };
    await process.outlet.send([...this.#events(work.chunks(), facts), ...this.#letters(work.letters, facts)]);
    this.#facts = { ...facts, ...(work.letters.length > 0 && { letters: facts.records }) };
    this.#told = facts.clock;
    await this.#saveIfDue();
  }

  async beat(caughtUp: Millis | undefined): Promise<void> {
    // Nothing more was there at that moment: time has passed without a record.
    if (caughtUp !== undefined && caughtUp > this.#told) {
      const facts = { ...this.#facts, clock: caughtUp };
      await this.shared.process.outlet.send(this.#events([], facts));
      this.#facts = facts;
      this.#told = caughtUp;
    }
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
    return {
      clock: this.#facts.clock,
      checkpointAt: this.#checkpoints.at,
      ...(this.#facts.stamp !== undefined && { watermark: this.#facts.stamp }),
    };
  }

  #events(chunks: readonly Omit<EventChunk, 'channel' | 'source'>[], { stamp, clock }: ChannelFacts): Outgoing[] {
    const { process, channels } = this.shared;
    const { topic, partition, source } = this.place;
    const target = eventsPartition(topic, partition, process.topics.partitions.get(process.names.events)!);
    const channel = this.#channel;
    const data = dataVersions(this.shared.reading.enrichers);
    const progress: Progress = { clock, ...(stamp !== undefined && { stamp }) };
    // A progress holds for what is before it: only the last message may carry it.
    const parts: readonly (EventChunk | undefined)[] = chunks.length ? chunks.map((chunk) => ({ ...chunk, channel, source })) : [undefined];
    return parts.map((chunk, at) => ({
      topic: process.names.events,
      partition: target,
      key: channel,
      value: chunk?.documents ?? Buffer.alloc(0),
      headers: eventHeaders({ chunk, channel, channels, data, progress: at === parts.length - 1 ? progress : { clock: this.#told } }),
    }));
  }

  #letters(letters: readonly DeadLetter[], { records, clock }: ChannelFacts): Outgoing[] {
    if (letters.length === 0) return [];
    const { process, channels } = this.shared;
    const { topic, partition, source } = this.place;
    const lines = letters.map((letter) => `${JSON.stringify({ ...letter, raw: Buffer.from(letter.raw).toString('base64') })}\n`);
    const chunk: EventChunk = {
      channel: this.#channel,
      source,
      from: this.#facts.letters,
      to: records,
      offsets: letters.map(({ offset }) => offset),
      own: [],
      duplicates: [],
      blank: 0,
      documents: Buffer.from(lines.join('')),
    };
    const target = eventsPartition(topic, partition, process.topics.partitions.get(process.names.deadLetters)!);
    const headers = eventHeaders({ chunk, channel: this.#channel, channels: channels.slice(0, 0), progress: { clock } });
    return [{ topic: process.names.deadLetters, partition: target, key: this.#channel, value: chunk.documents, headers }];
  }

  async #saveIfDue(): Promise<void> {
    this.state.check();
    if (this.#checkpoints.isDue) await this.#save();
  }

  async #save(): Promise<void> {
    this.#checkpoints.taken();
    await this.state.begin(this.#facts, [], (into) => {
      this.kept.dedupe.save(into);
      this.kept.formats.save(into);
    });
  }
}

/** Messages that the broker had at one moment: a batch of ingest has one arrival. Where the reading was cut makes no difference. */
function* byTime(messages: readonly TaskMessage[]): Generator<readonly TaskMessage[]> {
  let start = 0;
  for (let at = 1; at <= messages.length; at++) {
    if (at < messages.length && messages[at]!.timestamp === messages[start]!.timestamp) continue;
    yield messages.slice(start, at);
    start = at;
  }
}
