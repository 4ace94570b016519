import { deadLetterDocument, Event, type DeadLetter, type FieldIndex } from '#ecs';
import type { Logger } from '#telemetry';
import type { Cluster } from '../cluster.js';
import type { Names } from '../names.js';
import { BulkBody } from './bulk-body.js';
import type { Bulk, BulkOutcome, BulkTarget } from './bulk.js';
import { DocumentWriter } from './document-text.js';
import { storedOffsets, offsetsIn } from './stored-offsets.js';
import { Tally, type Stretch, type WrittenEvent } from './stretch.js';

export interface StretchWriterParts {
  readonly cluster: Cluster;
  readonly bulk: Bulk;
  readonly names: Names;
  readonly logger: Logger;
  readonly index?: FieldIndex;
  /** Size from which a body is sent. */
  readonly bulkBytes: number;
  /** Requests that one stretch may have under way. */
  readonly lanes: number;
}

type Row = Event | WrittenEvent;

/** Room beyond the size at which a body is sent, for the document that goes over it. */
const slack = 1 << 16;

/** Writes what became of a stretch: events, then dead letters, among them the events that Elasticsearch refused. */
export class StretchWriter {
  readonly #documents: DocumentWriter;
  /** Bodies that were sent: as many as requests are under way at most. */
  readonly #spare: BulkBody[] = [];
  readonly #events: BulkTarget;
  readonly #deadLetters: BulkTarget;

  constructor(private readonly parts: StretchWriterParts) {
    this.#documents = new DocumentWriter(parts.index);
    this.#events = { path: `/${parts.names.events}/_bulk`, stream: true };
    this.#deadLetters = { path: `/${parts.names.deadLetters}/_bulk`, stream: true };
  }

  /**
   * @param doubtful Some of these events may have been written before, perhaps into a backing index that is no longer the one written to.
   * @returns what is to be added to the balance.
   */
  async write(stretch: Stretch, doubtful: boolean): Promise<Tally> {
    const tally = new Tally();
    const rows = doubtful ? await this.#notStored(stretch.events, tally) : stretch.events;
    const refused: DeadLetter[] = [];
    await this.#writeRows(rows, async (body, first, outcome) => {
      for (let at = 0; at < body.count; at++) tally.add(rows[first + at]!.source, 'stored');
      for (const { at, reason } of outcome.refused) refused.push(this.#refused(rows[first + at]!, body.document(at), reason));
      await this.#countRepeated(rows, first, outcome, tally);
    });
    for (const { source } of refused) tally.add(source, 'stored', -1);
    const letters = [...stretch.deadLetters, ...refused];
    await this.#writeDeadLetters(letters);
    for (const { source } of letters) tally.add(source, 'deadLettered');
    for (const { source } of stretch.duplicates) tally.add(source, 'duplicate');
    for (const [source, amount] of Object.entries(stretch.blank)) tally.add(source, 'blank', amount);
    return tally;
  }

  /** In several requests at a time where there is enough for it. */
  async #writeRows(rows: readonly Row[], done: (body: BulkBody, first: number, outcome: BulkOutcome) => Promise<void>): Promise<void> {
    let next = 0;
    let failed = false;
    const lane = async (): Promise<void> => {
      while (next < rows.length && !failed) {
        let first = 0;
        const { body, ...outcome } = await this.parts.bulk.send(this.#events, () => {
          first = next;
          const filled = this.#body(rows, first);
          next += filled.count;
          return filled;
        });
        await done(body, first, outcome);
        if (this.#spare.length < this.parts.lanes) this.#spare.push(body);
      }
    };
    const lanes = Array.from({ length: Math.min(this.parts.lanes, Math.ceil(rows.length / 500)) }, () =>
      lane().catch((error: unknown) => {
        failed = true;
        throw error;
      }),
    );
    await Promise.all(lanes);
  }

  #body(rows: readonly Row[], first: number): BulkBody {
    const { bulkBytes } = this.parts;
    const body = this.#spare.pop()?.clear() ?? new BulkBody(Math.min(bulkBytes + slack, (rows.length - first) * 2048));
    for (let at = first; at < rows.length && body.bytes < bulkBytes; at++) {
      const row = rows[at]!;
      if (row instanceof Event) body.create(row.id, this.#documents.write(row));
      else body.create(row.id, row.document);
    }
    return body;
  }

  async #writeDeadLetters(letters: readonly DeadLetter[]): Promise<void> {
    for (let next = 0; next < letters.length;) {
      const { body, refused } = await this.parts.bulk.send(this.#deadLetters, () => {
        const filled = new BulkBody(slack);
        for (; next < letters.length && filled.bytes < this.parts.bulkBytes; next++) {
          const letter = letters[next]!;
          filled.create(letter.id, JSON.stringify(deadLetterDocument(letter)));
        }
        return filled;
      });
      // Their mapping takes any text, so this is a template that somebody changed. The record is still in the log.
      for (const { at, reason } of refused) {
        this.parts.logger.error('A dead letter was refused by Elasticsearch.', { reason, document: body.document(at).slice(0, 500) });
      }
    }
  }

  /** An id that was there already: the same record again, or another one with the sender's same id. */
  async #countRepeated(rows: readonly Row[], first: number, { present }: BulkOutcome, tally: Tally): Promise<void> {
    const own = present.filter(({ at }) => isOwn(rows[first + at]!));
    if (own.length === 0) return;
    const offsets = await offsetsIn(
      this.parts.cluster,
      own.map(({ at, index }) => ({ id: rows[first + at]!.id, index })),
    );
    for (const { at } of own) {
      const { id, offset, source } = rows[first + at]!;
      if ((offsets.get(id) ?? offset) === offset) continue;
      tally.add(source, 'stored', -1);
      tally.add(source, 'duplicate');
    }
  }

  async #notStored(rows: readonly Row[], tally: Tally): Promise<Row[]> {
    const stored = await storedOffsets(
      this.parts.cluster,
      this.parts.names.events,
      rows.map(({ id }) => id),
    );
    return rows.filter(({ id, offset, source }) => {
      const there = stored.get(id);
      if (there !== undefined) tally.add(source, there === offset ? 'stored' : 'duplicate');
      return there === undefined;
    });
  }

  #refused({ id, offset, source }: Row, document: string, reason: string): DeadLetter {
    this.parts.logger.warn('Elasticsearch refused an event; it becomes a dead letter.', { id, source, reason });
    const { event, gatewatch } = JSON.parse(document) as { event?: { original?: unknown }; gatewatch?: { arrival?: unknown } };
    const raw = typeof event?.original === 'string' ? event.original : document;
    const arrival = Date.parse(String(gatewatch?.arrival));
    const message = `The event store refused the event: ${reason}`;
    return { id, offset, source, reason: 'field_type', message, arrival: Number.isNaN(arrival) ? 0 : arrival, raw: Buffer.from(raw) };
  }
}

function isOwn(row: Row): boolean {
  return row instanceof Event ? row.identity.own !== undefined : row.own;
}
