import type { EventSink } from '#ingest';
import { ServiceError, type Logger } from '#telemetry';
import type { Cluster } from '../cluster.js';
import type { Names } from '../names.js';
import type { MarkStore } from './mark-store.js';
import { patiently, type Patience } from './retry.js';
import { highestOffset } from './stored-offsets.js';
import { cutAt, joined, type Balance, type Stretch, type Tally } from './stretch.js';
import type { StretchWriter } from './stretch-writer.js';

/** One task that writes events: usually one partition of a log. */
export interface EventTask {
  /** Name of its mark: stable, and no two tasks have the same. */
  readonly name: string;
  /** `gatewatch.offset` of its events lies in here; all offsets if absent. Narrower means less to look up after a crash. */
  readonly offsets?: { readonly from: number; readonly to: number };
}

export interface EventSinkParts {
  readonly cluster: Cluster;
  readonly names: Names;
  readonly marks: MarkStore;
  readonly writer: StretchWriter;
  readonly patience: Patience;
  readonly logger: Logger;
  /** Groups of stretches under way at most. */
  readonly inFlight: number;
  /** Called when documents were written that a search does not see before a refresh. */
  readonly written: () => void;
}

/** Events from which stretches that wait are not put together further. */
const groupRows = 20_000;

interface Waiting {
  readonly stretch: Stretch;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Group {
  readonly from: number;
  readonly to: number;
  readonly waiting: readonly Waiting[];
  tally?: Tally;
}

/** Events and dead letters of one task, written in several requests at a time; the mark follows in the order of the log. */
export class ElasticEventSink implements EventSink {
  #mark: number;
  #balance: Balance;
  /** Up to here records were taken over. */
  #handed: number;
  /** Up to here they are written, if not yet marked. */
  #done: number;
  /** Up to here they may have been written before, by another process or by a request that failed half-way. */
  #doubt: number;
  #doneBalance: Balance;
  #queue: Waiting[] = [];
  #groups: Group[] = [];
  #settling: Waiting[] = [];
  #committing = false;

  private constructor(
    private readonly parts: EventSinkParts,
    private readonly task: EventTask,
    start: { readonly mark: number; readonly balance: Balance; readonly doubt: number },
  ) {
    this.#mark = this.#handed = this.#done = start.mark;
    this.#balance = this.#doneBalance = start.balance;
    this.#doubt = start.doubt;
  }

  static async open(parts: EventSinkParts, task: EventTask): Promise<ElasticEventSink> {
    const { mark, balance } = await parts.marks.read(task.name);
    const { from, to } = task.offsets ?? { from: 0, to: Number.MAX_SAFE_INTEGER };
    const beyond = await highestOffset(parts.cluster, parts.names.events, { from: Math.max(from, mark), to });
    return new ElasticEventSink(parts, task, { mark, balance, doubt: beyond === undefined ? mark : beyond + 1 });
  }

  mark(): number {
    return this.#mark;
  }

  /** Records taken over that are not safe yet. */
  waiting(): number {
    return this.#handed - this.#mark;
  }

  async balance(): Promise<Balance> {
    return this.#balance;
  }

  append(batch: Stretch): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { stretch: cutAt(batch, this.#handed), resolve, reject };
      if (batch.to <= this.#mark) return resolve();
      if (batch.to <= this.#handed) return void this.#settling.push(waiting);
      if (batch.from > this.#handed) {
        const message = `The store has everything before offset ${this.#handed}; the stretch begins at ${batch.from}.`;
        return reject(new ServiceError('store_gap', message, { retryable: true }));
      }
      this.#handed = batch.to;
      this.#queue.push(waiting);
      this.#start();
    });
  }

  /** Sends what waits while there is room: what comes meanwhile is put together and goes in fewer requests. */
  #start(): void {
    while (this.#groups.length < this.parts.inFlight && this.#queue.length) {
      let rows = 0;
      let count = 0;
      while (count < this.#queue.length && rows < groupRows) rows += this.#queue[count++]!.stretch.events.length;
      const waiting = this.#queue.splice(0, count);
      const group: Group = { from: waiting[0]!.stretch.from, to: waiting.at(-1)!.stretch.to, waiting };
      this.#groups.push(group);
      void this.#write(group);
    }
  }

  async #write(group: Group): Promise<void> {
    try {
      const stretch = joined(group.waiting.map((each) => each.stretch));
      group.tally = await this.parts.writer.write(stretch, group.from < this.#doubt);
      this.parts.written();
    } catch (error) {
      return this.#fail(group, error);
    }
    // A group that was given up meanwhile is no longer in the list: its records come again.
    if (!this.#groups.includes(group)) return;
    for (let first = this.#groups[0]; first?.tally; first = this.#groups[0]) {
      this.#groups.shift();
      this.#done = first.to;
      this.#doneBalance = first.tally.addTo(this.#doneBalance);
      this.#settling.push(...first.waiting);
    }
    this.#start();
    await this.#commit();
  }

  /** Brings the stored mark up to what is done, one write at a time: whatever got done meanwhile goes with the next one. */
  async #commit(): Promise<void> {
    if (this.#committing) return;
    this.#committing = true;
    try {
      while (this.#done > this.#mark) {
        const mark = this.#done;
        const balance = this.#doneBalance;
        const ours = await patiently(this.parts.patience, () => this.parts.marks.write(this.task.name, { mark, balance }));
        // Everything below a mark is stored, whoever wrote it: two processes with one task cost work, not truth.
        if (!ours) this.parts.logger.warn('Another process has written for this task.', { task: this.task.name, mark });
        this.#mark = mark;
        this.#balance = balance;
        this.#release();
      }
    } catch (error) {
      this.#reset(this.#mark, error);
    } finally {
      this.#committing = false;
    }
  }

  #release(): void {
    const later: Waiting[] = [];
    for (const waiting of this.#settling) {
      if (waiting.stretch.to <= this.#mark) waiting.resolve();
      else later.push(waiting);
    }
    this.#settling = later;
  }

  #fail(group: Group, error: unknown): void {
    if (this.#groups.includes(group)) this.#reset(group.from, error);
  }

  /** Begins again at an offset: what lies behind it was perhaps written, and everybody who waits for it hears so. */
  #reset(from: number, error: unknown): void {
    this.#doubt = Math.max(this.#doubt, this.#handed);
    const gone = this.#groups.filter((group) => group.from >= from);
    this.#groups = this.#groups.filter((group) => group.from < from);
    const waiting = [
      ...gone.flatMap((group) => group.waiting),
      ...this.#queue,
      ...this.#settling.filter(({ stretch }) => stretch.to > from),
    ];
    this.#queue = [];
    this.#settling = this.#settling.filter(({ stretch }) => stretch.to <= from);
    this.#handed = from;
    if (this.#done > from) {
      this.#done = this.#mark;
      this.#doneBalance = this.#balance;
    }
    for (const each of waiting) each.reject(error);
  }
}
