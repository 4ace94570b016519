import type { Database } from 'lmdb';
import type { Bookmarks, LogEntry, RecordBatch, RecordLog } from '#stream';
import type { Committer } from './committer.js';
import { KeyedBytes } from './keyed.js';
import { Waiters } from './waiters.js';

/** What is kept of a batch beside its payload, or of a tick; short names, because there is one for each. */
interface Header {
  readonly n: number;
  readonly s?: string;
  readonly a?: number;
  readonly t?: string;
  readonly p?: number;
  readonly h?: string;
  readonly b?: number;
  readonly tick?: number;
}

/** The log of accepted records in lmdb: a header and a payload for each batch, by the offset of its first record. */
export class LmdbLog implements RecordLog {
  readonly #headers: Database<Header, number>;
  readonly #payloads: Database<Buffer, number>;
  readonly #received: KeyedBytes;
  readonly #bookmarks: KeyedBytes;
  readonly #ends: Database<number, string>;
  readonly #waiters = new Waiters();
  readonly #counts = new Map<string, number>();
  /** What is on disk: nothing at or above it is shown, because the event store must never be ahead of the log. */
  #end: number;
  #start: number;

  constructor(private readonly committer: Committer) {
    this.#headers = committer.database('log.headers', 'json');
    this.#payloads = committer.database('log.payloads', 'binary');
    this.#received = new KeyedBytes(committer, 'log.received');
    this.#bookmarks = new KeyedBytes(committer, 'log.bookmarks');
    this.#ends = committer.database('log.ends', 'json');
    for (const [source, count] of this.#received.entries()) this.#counts.set(source, Number(count.toString()));
    this.#end = this.#ends.get('end') ?? 0;
    this.#start = this.#firstKey() ?? this.#end;
  }

  start(): number {
    return this.#start;
  }

  end(): number {
    return this.#end;
  }

  append(batches: readonly RecordBatch[], bookmarks: Bookmarks = {}): Promise<number> {
    const bytes = batches.reduce((sum, { payload }) => sum + payload.length + 256, 0);
    return this.#commit(
      (at) => {
        let offset = at;
        for (const batch of batches) {
          if (batch.count === 0) continue;
          this.#putBatch(offset, batch);
          offset += batch.count;
        }
        for (const [key, value] of Object.entries(bookmarks)) this.#bookmarks.put(key, Buffer.from(value));
        return offset;
      },
      bytes,
      batches,
    );
  }

  async tick(now: number): Promise<void> {
    await this.#commit(
      (offset) => {
        this.#headers.putSync(offset, { n: 1, tick: now });
        return offset + 1;
      },
      undefined,
      [],
    );
  }

  read(offset: number, maxBytes: number): LogEntry[] {
    const entries: LogEntry[] = [];
    let bytes = 0;
    for (const { key, value: header } of this.#headers.getRange({ start: this.#entryAt(offset), end: this.#end })) {
      if (key + header.n <= offset) continue;
      bytes += header.b ?? 0;
      if (entries.length > 0 && bytes > maxBytes) break;
      entries.push(this.#entry(key, header));
    }
    return entries;
  }

  waitFor(offset: number, signal: AbortSignal): Promise<void> {
    return this.#end > offset ? Promise.resolve() : this.#waiters.wait(offset, signal);
  }

  bookmark(key: string): string | undefined {
    return this.#bookmarks.get(key)?.toString();
  }

  received(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  async trim(offset: number): Promise<void> {
    const gone: number[] = [];
    for (const { key, value } of this.#headers.getRange({ end: Math.min(offset, this.#end) })) if (key + value.n <= offset) gone.push(key);
    // In pieces, so that appends are not held up.
    for (let at = 0; at < gone.length; at += 1000) {
      const piece = gone.slice(at, at + 1000);
      await this.committer.commit({
        write: () => {
          for (const key of piece) {
            this.#headers.removeSync(key);
            this.#payloads.removeSync(key);
          }
        },
        done: () => (this.#start = this.#firstKey() ?? this.#end),
      });
    }
  }

  /** Waits for what was asked for before; the environment belongs to the engine. */
  async close(): Promise<void> {
    await this.committer.commit({ write: () => undefined }).catch(() => undefined);
  }

  async #commit(write: (offset: number) => number, bytes: number | undefined, batches: readonly RecordBatch[]): Promise<number> {
    let first = 0;
    let end = 0;
    await this.committer.commit({
      bytes,
      write: () => {
        // The stored end counts, not one in memory: a transaction before this one may have been given up.
        first = this.#ends.get('end') ?? 0;
        end = write(first);
        this.#ends.putSync('end', end);
        this.#addReceived(batches);
      },
      done: () => this.#committed(end, batches),
    });
    return first;
  }

  #committed(end: number, batches: readonly RecordBatch[]): void {
    this.#end = Math.max(this.#end, end);
    for (const { source, count } of batches) this.#counts.set(source, (this.#counts.get(source) ?? 0) + count);
    this.#waiters.reached(this.#end);
  }

  #addReceived(batches: readonly RecordBatch[]): void {
    const added = new Map<string, number>();
    for (const { source, count } of batches) added.set(source, (added.get(source) ?? 0) + count);
    for (const [source, count] of added) {
      const before = Number(this.#received.get(source)?.toString() ?? 0);
      this.#received.put(source, Buffer.from(String(before + count)));
    }
  }

  #putBatch(offset: number, { source, arrival, count, payload, tag, position, header: described }: RecordBatch): void {
    const header: Header = {
      n: count,
      s: source,
      a: arrival,
      b: payload.length,
      ...(tag !== undefined && { t: tag }),
      ...(position !== undefined && { p: position }),
      ...(described !== undefined && { h: described }),
    };
    this.#headers.putSync(offset, header);
    this.#payloads.putSync(offset, Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength));
  }

  #entry(offset: number, { n, s = '', a = 0, t, p, h, tick }: Header): LogEntry {
    if (tick !== undefined) return { offset, tick };
    // lmdb copies a value out of its pages when it is got this way, so the payload outlives the transaction.
    const payload = this.#payloads.getBinary(offset) ?? Buffer.alloc(0);
    return {
      offset,
      source: s,
      arrival: a,
      count: n,
      payload,
      ...(t !== undefined && { tag: t }),
      ...(p !== undefined && { position: p }),
      ...(h !== undefined && { header: h }),
    };
  }

  /** The key of the entry that holds an offset, or the offset itself. */
  #entryAt(offset: number): number {
    for (const key of this.#headers.getKeys({ start: offset, reverse: true, limit: 1 })) return key;
    return offset;
  }

  #firstKey(): number | undefined {
    for (const key of this.#headers.getKeys({ limit: 1 })) return key;
    return undefined;
  }
}
