import { isTick, type Bookmarks, type LogEntry, type RecordBatch, type RecordLog } from '#stream';
import { ServiceError } from '#telemetry';

/** The log of accepted records in memory: for specs of what writes to it. Copies what it is given, as a real one does. */
export class MemoryRecordLog implements RecordLog {
  readonly entries: LogEntry[] = [];
  readonly bookmarks = new Map<string, string>();
  /** When set, appending fails as on a full disk. */
  full = false;
  #start = 0;
  #end = 0;
  readonly #received: Record<string, number> = {};
  #waiting: (() => void)[] = [];

  start(): number {
    return this.#start;
  }

  end(): number {
    return this.#end;
  }

  async append(batches: readonly RecordBatch[], bookmarks: Bookmarks = {}): Promise<number> {
    await Promise.resolve();
    if (this.full) throw new ServiceError('log_full', 'The log is full.', { retryable: true });
    const first = this.#end;
    for (const batch of batches) {
      this.entries.push({ ...batch, payload: Uint8Array.from(batch.payload), offset: this.#end });
      this.#end += batch.count;
      this.#received[batch.source] = (this.#received[batch.source] ?? 0) + batch.count;
    }
    for (const [key, value] of Object.entries(bookmarks)) this.bookmarks.set(key, value);
    this.#wake();
    return first;
  }

  tick(now: number): Promise<void> {
    this.entries.push({ offset: this.#end++, tick: now });
    this.#wake();
    return Promise.resolve();
  }

  read(offset: number, maxBytes: number): LogEntry[] {
    const found: LogEntry[] = [];
    let bytes = 0;
    for (const entry of this.entries) {
      if (entry.offset + (isTick(entry) ? 1 : entry.count) <= offset) continue;
      bytes += isTick(entry) ? 0 : entry.payload.length;
      if (found.length > 0 && bytes > maxBytes) break;
      found.push(entry);
    }
    return found;
  }

  async waitFor(offset: number, signal: AbortSignal): Promise<void> {
    while (this.#end <= offset && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  bookmark(key: string): string | undefined {
    return this.bookmarks.get(key);
  }

  received(): Readonly<Record<string, number>> {
    return this.#received;
  }

  trim(offset: number): Promise<void> {
    while (this.entries[0] && this.entries[0].offset + (isTick(this.entries[0]) ? 1 : this.entries[0].count) <= offset)
      this.entries.shift();
    this.#start = this.entries[0]?.offset ?? this.#end;
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Every record as text, in order: what a spec looks at. */
  lines(): string[] {
    return this.entries.flatMap((entry) => {
      if (isTick(entry)) return [];
      const lines = Buffer.from(entry.payload).toString('utf8').split('\n');
      if (lines.at(-1) === '') lines.pop();
      return lines;
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
