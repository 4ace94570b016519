import { deadLetterDocument, FieldIndex, type Event, type Evidence, type JsonObject, type Signal } from '#ecs';
import type { EventSink, Ingested, SourceBalance } from '#ingest';
import type { DeadLetterSearch, EventSearch, EventStore, Page, SignalSearch, SignalSink } from '#query';
import { ServiceError } from '#telemetry';
import { deadLetterColumns, eventColumns } from './columns.js';
import { readCursor, writeCursor } from './cursor.js';
import { byId, conditions, invalid } from './filter.js';
import type { Condition, Opened, Requests, Row, WorkerSettings } from './messages.js';
import { deadLetterOf, documentOf, placeOf } from './stored-rows.js';
import { StoreThread } from './store-thread.js';
import { planOf, sweptEvent, type Sweep } from './sweep.js';
import { encodeStretch, transferable } from './stretch.js';

export type DuckSettings = Omit<WorkerSettings, 'columns' | 'deadLetterColumns'>;

/** Appends under way at most; a further one waits. */
const inFlight = 3;
const largestPage = 10_000;
/** Signals and dead letters as numbers and text that cross the thread. */
const deadLetterSelect = deadLetterColumns.map(({ name, type }) => (type === 'long' ? `"${name}"::DOUBLE` : `"${name}"`));

/** Events, dead letters and signals in DuckDB and Parquet files, written and searched in a thread of its own. */
export class DuckStore implements EventSink, EventStore, SignalSink {
  #mark: number;
  #handed: number;
  #signalMark: number;
  #underWay = 0;
  readonly #queue: (() => void)[] = [];

  private constructor(
    private readonly thread: StoreThread,
    { mark, signalMark }: Opened,
    private readonly index: FieldIndex,
  ) {
    this.#mark = this.#handed = mark;
    this.#signalMark = signalMark;
  }

  static async open(settings: DuckSettings, index = new FieldIndex()): Promise<DuckStore> {
    const { thread, opened } = await StoreThread.start({ ...settings, columns: eventColumns, deadLetterColumns });
    return new DuckStore(thread, opened, index);
  }

  mark(): number {
    return this.#mark;
  }

  signalMark(): number {
    return this.#signalMark;
  }

  async append(batch: Ingested): Promise<void> {
    while (this.#underWay >= inFlight) await new Promise<void>((resolve) => this.#queue.push(resolve));
    if (batch.to <= this.#handed) return this.#settled(batch.to);
    if (batch.from > this.#handed) {
      throw new ServiceError('store_gap', `The store has everything before offset ${this.#handed}; the stretch begins at ${batch.from}.`, {
        retryable: true,
      });
    }
    const stretch = encodeStretch(batch, this.#handed, this.index.names());
    this.#handed = batch.to;
    this.#underWay++;
    try {
      const { mark } = await this.thread.call('append', [stretch], transferable(stretch));
      this.#mark = mark;
    } catch (error) {
      await this.#resume();
      throw error;
    } finally {
      this.#underWay--;
      this.#queue.shift()?.();
    }
  }

  async balance(): Promise<Readonly<Record<string, SourceBalance>>> {
    const counts = await this.thread.call('balance', []);
    return Object.fromEntries(
      Object.entries(counts).map(([source, [stored, deadLettered, duplicate, blank]]) => [
        source,
        { stored, deadLettered, duplicate, blank },
      ]),
    );
  }

  async putSignals(signals: readonly Signal[], mark: number): Promise<void> {
    const rows = signals.map((signal) => ({
      id: signal.id,
      revision: signal.revision,
      reached: signal.reached,
      last: signal.last,
      rule: signal.rule.id,
      status: signal.status,
      level: signal.rule.level,
      group: JSON.stringify(signal.group),
      json: JSON.stringify(signal),
    }));
    await this.thread.call('putSignals', [rows, mark]);
    this.#signalMark = Math.max(this.#signalMark, mark);
  }

  async searchEvents({ from, to, filters = {}, limit, cursor }: EventSearch): Promise<Page<JsonObject>> {
    const size = pageSize(limit);
    const before = cursor === undefined ? undefined : readCursor('e', cursor, 'number');
    const rows = await this.thread.call('events', [{ from, to, before, where: conditions(filters, this.index), limit: size + 1 }]);
    const shown = rows.slice(0, size);
    const last = shown.at(-1);
    const found = shown.map((row) => documentOf(row, this.index));
    return rows.length > size && last ? { found, cursor: writeCursor('e', placeOf(last)) } : { found };
  }

  async event(id: string): Promise<JsonObject | undefined> {
    const [row] = await this.thread.call('events', [{ where: [byId(id)], limit: 1 }]);
    return row && documentOf(row, this.index);
  }

  /** By the place in the log, of which there is one here: it is exact, and each file knows its bounds. Evidence of old may have no id. */
  eventsOf(evidence: readonly Evidence[]): Promise<JsonObject[]> {
    return this.eventsAt(evidence.map(({ offset }) => offset));
  }

  /** The stored events at these log offsets, in that order; those no longer kept are missing. */
  async eventsAt(offsets: readonly number[]): Promise<JsonObject[]> {
    const rows = await this.thread.call('eventsAt', [offsets]);
    return rows.map((row) => documentOf(row, this.index));
  }

  /** Events in the order of the log, as they were when they were stored, with the fields asked for. */
  async *sweep({ from, to, slots, index = this.index }: Sweep): AsyncGenerator<Event[]> {
    const plan = planOf(slots);
    const page = (offset: number): Promise<ReturnType<Requests['sweep']>> =>
      this.thread.call('sweep', [{ offset, columns: plan.columns, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }]);
    let coming: ReturnType<typeof page> | undefined = page(0);
    while (coming) {
      const { rows, next }: Awaited<ReturnType<typeof page>> = await coming;
      // The next run is read while this one is looked at. Who stops early leaves it unread.
      coming = next === undefined ? undefined : page(next);
      coming?.catch(() => undefined);
      if (rows.length) yield rows.map((row) => sweptEvent(row, plan, index));
    }
  }

  async searchSignals(search: SignalSearch): Promise<Page<Signal>> {
    const { from, to, rule, status, level, group = {}, cursor } = search;
    const where = compact([
      from !== undefined && { sql: 'reached >= ?::BIGINT', values: [from] },
      to !== undefined && { sql: 'reached < ?::BIGINT', values: [to] },
      rule !== undefined && { sql: 'rule = ?', values: [rule] },
      status !== undefined && { sql: 'status = ?', values: [status] },
      level !== undefined && { sql: 'level = ?', values: [level] },
      ...Object.entries(group).map(([field, value]) => ({
        sql: 'json_extract_string(grp, ?) = ?',
        values: [`/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`, value],
      })),
    ]);
    if (cursor !== undefined) {
      const [reached, id] = readCursor('s', cursor, 'string');
      where.push({ sql: 'reached < ?::BIGINT OR (reached = ?::BIGINT AND id < ?)', values: [reached, reached, id] });
    }
    const size = pageSize(search.limit);
    const rows = await this.thread.call('table', [
      'signals',
      { columns: ['json'], where, order: 'reached DESC, id DESC', limit: size + 1 },
    ]);
    const found = rows.slice(0, size).map(signalOf);
    const last = found.at(-1);
    return rows.length > size && last ? { found, cursor: writeCursor('s', [last.reached, last.id]) } : { found };
  }

  async signal(id: string): Promise<Signal | undefined> {
    const [row] = await this.thread.call('table', [
      'signals',
      { columns: ['json'], where: [{ sql: 'id = ?', values: [id] }], order: 'id', limit: 1 },
    ]);
    return row && signalOf(row);
  }

  async searchDeadLetters({ from, to, reason, source, limit, cursor }: DeadLetterSearch): Promise<Page<JsonObject>> {
    const where = compact([
      from !== undefined && { sql: '"gatewatch.arrival" >= ?::BIGINT', values: [from] },
      to !== undefined && { sql: '"gatewatch.arrival" < ?::BIGINT', values: [to] },
      reason !== undefined && { sql: '"error.code" = ?', values: [reason] },
      source !== undefined && { sql: '"gatewatch.source" = ?', values: [source] },
    ]);
    if (cursor !== undefined) {
      const [arrival, offset] = readCursor('d', cursor, 'number');
      where.push({
        sql: '"gatewatch.arrival" < ?::BIGINT OR ("gatewatch.arrival" = ?::BIGINT AND "gatewatch.offset" < ?::BIGINT)',
        values: [arrival, arrival, offset],
      });
    }
    const size = pageSize(limit);
    const order = '"gatewatch.arrival" DESC, "gatewatch.offset" DESC';
    const rows = await this.thread.call('table', ['dead_letters', { columns: deadLetterSelect, where, order, limit: size + 1 }]);
    const letters = rows.slice(0, size).map(deadLetterOf);
    const last = letters.at(-1);
    const found = letters.map(deadLetterDocument);
    return rows.length > size && last ? { found, cursor: writeCursor('d', [last.arrival, last.offset]) } : { found };
  }

  /** Folds small pieces into large ones. Call it every few minutes; appends and searches go on meanwhile. */
  maintain(now: number): Promise<ReturnType<Requests['maintain']>> {
    return this.thread.call('maintain', [now]);
  }

  /** Forgets events and closed signals older than `before` (event time) and dead letters that arrived before it; events by whole files. */
  async retain(before: number): Promise<void> {
    await this.thread.call('retain', [before]);
  }

  /** What is kept now. */
  counts(): Promise<ReturnType<Requests['counts']>> {
    return this.thread.call('counts', []);
  }

  close(): Promise<void> {
    return this.thread.stop();
  }

  /** A stretch that others are storing right now counts as stored when they are done. */
  async #settled(to: number): Promise<void> {
    while (this.#mark < to && this.#underWay > 0) await new Promise<void>((resolve) => this.#queue.push(resolve));
    this.#queue.shift()?.();
    if (this.#mark < to) throw new ServiceError('store_gap', `The stretch up to offset ${to} was not stored.`, { retryable: true });
  }

  /** After a failure the store begins again at its mark: those handed over behind the failed one were refused too. */
  async #resume(): Promise<void> {
    const { mark } = await this.thread.call('marks', []).catch(() => ({ mark: this.#mark }));
    this.#mark = mark;
    this.#handed = mark;
  }
}

function pageSize(limit: number): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > largestPage) throw invalid(`A page has 1 to ${largestPage} entries, not ${limit}.`);
  return limit;
}

function compact(found: readonly (Condition | false)[]): Condition[] {
  return found.filter((condition) => condition !== false);
}

function signalOf(row: Row): Signal {
  return JSON.parse(row[0] as string) as Signal;
}
