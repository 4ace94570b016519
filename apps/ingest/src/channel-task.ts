import { channelOf, eventHeaders, eventsPartition, type ClusterProcess, type DriftTold, type EventChunk, type Progress } from '#cluster';
import { type FieldIndex, type DeadLetter, type Event } from '#ecs';
import { DocumentWriter } from '#elastic';
import {
  buildDedupe,
  buildFormatWatch,
  buildIngest,
  sourceTag,
  splitMessage,
  type Dedupe,
  type FormatDrift,
  type FormatWatch,
  type Ingest,
} from '#ingest';
import { linesOf, TaskState, type Outgoing, type PartitionTask, type TaskFacts, type TaskMessage } from '#kafka';
import type { Millis } from '#time';
import { dataVersions } from './data-versions.js';
import type { IngestCounters } from './ingest-counters.js';
import type { ReadingParts } from './reading.js';

/** Where a channel is to be read on, and what its messages were numbered up to. */
interface Facts {
  readonly next: string;
  /** Bytes and number of records before: event ids are made of the first, origin marks of the second. */
  readonly bytes: number;
  readonly records: number;
  /** Number of the record after the last dead letter message. */
  readonly letters: number;
  readonly stamp?: number;
  readonly clock: number;
}

const nothing: Facts = { next: '0', bytes: 0, records: 0, letters: 0, clock: 0 };
const chunkBytes = 512 << 10;
/** A message of `events` has fewer lines than this: places in the partition count on it. */
const chunkLines = 4000;
const saveEvery: Millis = 2000;

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
  #facts: Facts;
  #saved: Millis;
  #told: number;

  private constructor(
    private readonly shared: IngestShared,
    private readonly place: { readonly topic: string; readonly partition: number; readonly source: string },
    private readonly state: TaskState<Facts>,
    private readonly kept: { readonly dedupe: Dedupe; readonly formats: FormatWatch },
  ) {
    const { process, index, reading } = shared;
    const { topic, partition } = place;
    const { dedupe } = kept;
    this.#channel = channelOf(topic, partition);
    this.#tag = sourceTag(`kafka/${process.topics.cluster}/${topic}/${partition}`);
    this.#ingest = buildIngest({ ...reading, index, dedupe });
    this.#writer = new DocumentWriter(index);
    this.#facts = state.facts ?? nothing;
    this.#told = this.#facts.clock;
    this.#saved = process.clock.now();
  }

  static async open(shared: IngestShared, topic: string, partition: number): Promise<ChannelTask> {
    const { process } = shared;
    const { client, restorer, outlet, config, names } = process;
    const source = config.sources.find(({ topics }) => topics.includes(topic))!.name;
    const state = await TaskState.open<Facts>({ client, restorer, outlet, topic: names.state('ingest', topic), partition });
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
    const work = new Work(this.#facts, this.#writer);
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
    const facts: Facts = { ...work.facts(), next };
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
      checkpointAt: this.#saved,
      ...(this.#facts.stamp !== undefined && { watermark: this.#facts.stamp }),
    };
  }

  #events(chunks: readonly Omit<EventChunk, 'channel' | 'source'>[], { stamp, clock }: Facts): Outgoing[] {
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

  #letters(letters: readonly DeadLetter[], { records, clock }: Facts): Outgoing[] {
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
    if (this.shared.process.clock.now() - this.#saved >= saveEvery) await this.#save();
  }

  async #save(): Promise<void> {
    await this.state.commit(this.#facts, [], (into) => {
      this.kept.dedupe.save(into);
      this.kept.formats.save(into);
    });
    this.#saved = this.shared.process.clock.now();
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

type Chunk = Omit<EventChunk, 'channel' | 'source'>;

/** What comes of the messages taken at once. */
class Work {
  readonly letters: DeadLetter[] = [];
  readonly drifts: FormatDrift[] = [];
  bytes: number;
  records: number;
  #stamp: number | undefined;
  #clock: number;
  #chunks: Chunk[] = [];
  #lines: string[] = [];
  #size = 0;
  #offsets: number[] = [];
  #own: number[] = [];
  #duplicates: number[] = [];
  #blank = 0;
  #from: number;

  constructor(
    private readonly before: Facts,
    private readonly writer: DocumentWriter,
  ) {
    this.bytes = before.bytes;
    this.records = this.#from = before.records;
    this.#stamp = before.stamp;
    this.#clock = before.clock;
  }

  add(arrival: number, bytes: number, records: number, ingested: ReturnType<Ingest['ingest']> | undefined): void {
    this.#clock = Math.max(this.#clock, arrival);
    this.bytes += bytes;
    if (!ingested) return;
    for (const event of ingested.events) this.#event(event);
    this.letters.push(...ingested.deadLetters);
    this.#duplicates.push(...ingested.duplicates.map(({ offset }) => offset));
    for (const amount of Object.values(ingested.blank)) this.#blank += amount;
    this.records += records;
  }

  facts(): Facts {
    const { next, letters } = this.before;
    return {
      next,
      letters,
      bytes: this.bytes,
      records: this.records,
      clock: this.#clock,
      ...(this.#stamp !== undefined && { stamp: this.#stamp }),
    };
  }

  chunks(): readonly Chunk[] {
    if (this.records > this.#from) this.#cut(this.records);
    return this.#chunks.map((chunk) => {
      const drifts = this.drifts
        .filter(({ offset }) => offset >= chunk.from && offset < chunk.to)
        .map(({ offset: record, id, arrival, time }): DriftTold => ({ record, id, arrival, time }));
      return drifts.length > 0 ? { ...chunk, drifts } : chunk;
    });
  }

  #event(event: Event): void {
    if (event.stamp === event.time && (this.#stamp === undefined || event.stamp > this.#stamp)) this.#stamp = event.stamp;
    if (event.identity.own !== undefined) this.#own.push(this.#lines.length);
    const line = this.writer.write(event);
    this.#lines.push(line);
    this.#offsets.push(event.offset);
    this.#size += line.length;
    if (this.#size >= chunkBytes || this.#lines.length >= chunkLines) this.#cut(event.offset + 1);
  }

  #cut(to: number): void {
    this.#chunks.push({
      from: this.#from,
      to,
      offsets: this.#offsets,
      own: this.#own,
      duplicates: this.#duplicates,
      blank: this.#blank,
      documents: Buffer.from(this.#lines.length ? `${this.#lines.join('\n')}\n` : ''),
    });
    this.#from = to;
    this.#lines = [];
    this.#offsets = [];
    this.#own = [];
    this.#duplicates = [];
    this.#blank = 0;
    this.#size = 0;
  }
}
