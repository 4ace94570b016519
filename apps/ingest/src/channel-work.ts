import type { DriftTold, EventChunk } from '#cluster';
import type { DeadLetter, Event } from '#ecs';
import type { DocumentWriter } from '#elastic';
import type { FormatDrift, Ingest } from '#ingest';

/** Where a channel is to be read on, and what its messages were numbered up to. */
export interface ChannelFacts {
  readonly next: string;
  /** Bytes and number of records before: event ids are made of the first, origin marks of the second. */
  readonly bytes: number;
  readonly records: number;
  /** Number of the record after the last dead letter message. */
  readonly letters: number;
  readonly stamp?: number;
  readonly clock: number;
}

/** Of a channel of which nothing was read. */
export const noRecords: ChannelFacts = { next: '0', bytes: 0, records: 0, letters: 0, clock: 0 };
const chunkBytes = 512 << 10;
/** A message of `events` has fewer lines than this: places in the partition count on it. */
const chunkLines = 4000;

type Chunk = Omit<EventChunk, 'channel' | 'source'>;

/** What comes of the messages taken at once. */
export class ChannelWork {
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
    private readonly before: ChannelFacts,
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

  facts(): ChannelFacts {
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
