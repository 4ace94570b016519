import { randomInt } from 'node:crypto';
import { ServiceError, type Counter, type Gauge, type Logger, type Metrics } from '#telemetry';
import type { Clock, Millis } from '#time';
import { reasonOf, type Cluster } from '../cluster.js';
import type { BulkBody } from './bulk-body.js';
import { Turnstile } from './turnstile.js';

/** What became of the entries of a bulk request that were not simply written. All others were. */
export interface BulkOutcome {
  /** A document with this id is there already, or one with a higher version. */
  readonly present: readonly Entry[];
  /** Elasticsearch cannot take the document, now or ever. */
  readonly refused: readonly (Entry & { readonly reason: string })[];
}

export interface Entry {
  /** Place in the body. */
  readonly at: number;
  /** The index that answered. */
  readonly index: string;
}

/** Where a bulk request goes. */
export interface BulkTarget {
  readonly path: string;
  /** Whether it is a data stream: then nothing may be made in its place when its template is missing. */
  readonly stream: boolean;
}

export interface BulkParts {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly inFlight: number;
  readonly retryFor: Millis;
  /** Aborted when the engine closes: nobody waits for a retry then. */
  readonly closing: AbortSignal;
}

const firstPause: Millis = 200;
const longestPause: Millis = 10_000;
/** Only what decides: an answer for ten thousand documents is then 300 kB and not 3 MB. */
const filter = 'errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason,items.*.error.index';

interface Item {
  readonly status: number;
  readonly error?: {
    readonly type?: string;
    readonly reason?: string;
    readonly index?: string;
    readonly caused_by?: { readonly reason?: string };
  };
}

interface BulkAnswer {
  readonly errors: boolean;
  readonly items: readonly Readonly<Record<string, Item>>[];
}

/** Sends bulk requests: few at a time, again where that can help, and with an outcome for every entry. */
export class Bulk {
  readonly #turnstile: Turnstile;
  readonly #items: Counter;
  readonly #retries: Counter;
  readonly #sent: Counter;
  readonly #busy: Gauge;

  constructor(private readonly parts: BulkParts) {
    const { metrics, inFlight } = parts;
    this.#turnstile = new Turnstile(inFlight);
    this.#items = metrics.counter('elastic_bulk_items_total', 'Entries of bulk requests by what became of them.', ['outcome']);
    this.#retries = metrics.counter('elastic_bulk_retries_total', 'Bulk requests sent again, by reason.', ['reason']);
    this.#sent = metrics.counter('elastic_bulk_bytes_total', 'Bytes of bulk requests.');
    this.#busy = metrics.gauge('elastic_bulk_in_flight', 'Bulk requests under way.');
  }

  /** Requests under way, and callers that wait for a place. */
  load(): { readonly inFlight: number; readonly waiting: number } {
    return { inFlight: this.#turnstile.inside, waiting: this.#turnstile.waiting };
  }

  /**
   * Sends what `fill` gives once there is a place for it, so that no more bodies exist than requests. Resolves when every entry has its outcome.
   * @throws ServiceError when the cluster could not take it for as long as is tried; some entries may have been written.
   */
  send(target: BulkTarget, fill: () => BulkBody): Promise<BulkOutcome & { readonly body: BulkBody }> {
    return this.#turnstile.pass(async () => {
      this.#busy.set(this.#turnstile.inside);
      try {
        const body = fill();
        return { body, ...(await this.#sendAll(target, body)) };
      } finally {
        this.#busy.set(this.#turnstile.inside - 1);
      }
    });
  }

  async #sendAll(target: BulkTarget, body: BulkBody): Promise<BulkOutcome> {
    const present: Entry[] = [];
    const refused: (Entry & { reason: string })[] = [];
    const until = this.parts.clock.now() + this.parts.retryFor;
    let left: number[] | undefined;
    for (let attempt = 0; ; attempt++) {
      const sending = left === undefined ? body : body.pick(left);
      const places = left;
      const placeOf = (at: number): number => places?.[at] ?? at;
      let trouble: ServiceError;
      try {
        const again: number[] = [];
        for (const { at, item } of await this.#once(target, sending)) {
          const error = item.error ?? {};
          const entry = { at: placeOf(at), index: error.index ?? '' };
          if (item.status === 409) present.push(entry);
          else if (item.status === 400 || item.status === 413) refused.push({ ...entry, reason: reasonOf({ error }) });
          else again.push(entry.at);
        }
        this.#count(sending.count - again.length, present.length, refused.length);
        if (again.length === 0) return { present, refused };
        left = again;
        trouble = new ServiceError('elastic_busy', `Elasticsearch could not take ${again.length} documents now.`, { retryable: true });
      } catch (error) {
        if (isTooLarge(error)) return this.#inHalves(target, body, left, { present, refused });
        if (!(error instanceof ServiceError) || !error.retryable) throw error;
        trouble = error;
      }
      this.#retries.add(1, { reason: trouble.code });
      const pause = Math.min(longestPause, firstPause * 2 ** attempt);
      if (this.parts.closing.aborted || this.parts.clock.now() + pause > until) throw trouble;
      // Spread between half and the whole, so that many tasks do not come back at the same moment.
      await this.parts.clock.sleep(pause / 2 + randomInt(Math.ceil(pause / 2)), this.parts.closing);
    }
  }

  /** One request. Gives the entries that were not written. */
  async #once({ path, stream }: BulkTarget, body: BulkBody): Promise<{ at: number; item: Item }[]> {
    if (body.count === 0) return [];
    this.#sent.add(body.bytes);
    const query = { filter_path: filter, ...(stream && { require_data_stream: true }) };
    const text = await this.parts.cluster.bulk(path, body.toBuffer(), query);
    if (text.startsWith('{"errors":false')) return [];
    const answer = JSON.parse(text) as BulkAnswer;
    if (!answer.errors) return [];
    const found: { at: number; item: Item }[] = [];
    for (let at = 0; at < answer.items.length; at++) {
      const item = Object.values(answer.items[at]!)[0]!;
      if (item.error === undefined) continue;
      systemic(item);
      found.push({ at, item });
    }
    return found;
  }

  async #inHalves(target: BulkTarget, body: BulkBody, left: readonly number[] | undefined, sofar: BulkOutcome): Promise<BulkOutcome> {
    const places = left ?? Array.from({ length: body.count }, (_, at) => at);
    if (places.length === 1) {
      const reason = `The document has ${body.pick(places).bytes} bytes, more than Elasticsearch takes in one request.`;
      return { present: sofar.present, refused: [...sofar.refused, { at: places[0]!, index: '', reason }] };
    }
    const middle = places.length >> 1;
    let outcome = sofar;
    for (const half of [places.slice(0, middle), places.slice(middle)]) {
      const { present, refused } = await this.#sendAll(target, body.pick(half));
      const moved = <T extends Entry>(entry: T): T => ({ ...entry, at: half[entry.at]! });
      outcome = { present: [...outcome.present, ...present.map(moved)], refused: [...outcome.refused, ...refused.map(moved)] };
    }
    return outcome;
  }

  #count(settled: number, present: number, refused: number): void {
    this.#items.add(Math.max(0, settled - present - refused), { outcome: 'written' });
    if (present) this.#items.add(present, { outcome: 'present' });
    if (refused) this.#items.add(refused, { outcome: 'refused' });
  }
}

/** What concerns every document alike is no reason to give one up. */
function systemic({ status, error }: Item): void {
  if (status === 401 || (status === 403 && error?.type !== 'cluster_block_exception')) {
    throw new ServiceError('elastic_refused', `Elasticsearch does not let us write: ${reasonOf({ error })}`);
  }
  // A delete of what is not there has no error; this is a data stream without a template.
  if (status === 404) throw new ServiceError('elastic_setup', `Elasticsearch has no place to write to: ${reasonOf({ error })}`);
  if (status === 400 && error?.type === 'illegal_argument_exception' && /data stream/.test(error.reason ?? '')) {
    throw new ServiceError('elastic_setup', `Elasticsearch has no place to write to: ${reasonOf({ error })}`);
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof ServiceError && error.code === 'elastic_too_large';
}
