import { eventId, type DeadLetter, type Event, type FieldIndex, type FieldValue } from '#ecs';
import type { LoggedBatch } from '#stream';
import { ServiceError } from '#telemetry';
import type { Millis } from '#time';
import type { Dedupe } from './dedupe.js';
import { derivedProviders } from './derived/derived.js';
import type { Enricher } from './enrichers/enricher.js';
import { directive, failed, type Failure } from './failure.js';
import { formatOf } from './formats/formats.js';
import { LogHeader, takesHeader } from './formats/w3c/header.js';
import type { Parse, Scope } from './formats/format.js';
import type { Ingested } from './ingested.js';
import { lazyFields, type LazyFields } from './lazy-fields.js';
import { eachLine } from './lines.js';
import { LogEvent, type BatchPlace } from './log-event.js';
import type { RoutesConfig } from './derived/route-labels.js';
import { redactAgain } from './redact/redact-again.js';
import { pseudonymiser } from './redact/pseudonyms/pseudonymise.js';
import { buildPseudonyms, type PseudonymSettings } from './redact/pseudonyms/pseudonyms.js';
import { redactText } from './redact/redact.js';
import { redactionOf, type RedactConfig, type Redaction } from './redact/redaction.js';
import { AGENT, REASON, SERVICE } from './slots.js';
import type { SourceProfile } from './source-profile.js';
import { clientOf, profileOf, sourceTag, zoneOf, type SourceSettings } from './source.js';
import { keyedHash } from './who/keyed-hash.js';
import { whoProviders } from './who/who.js';
import type { Zone } from './stamps/zone.js';

/** What ingest is built of. */
export interface IngestParts {
  /** Settings of a source by the name that a batch carries; asked once per name. */
  readonly source: (name: string) => SourceSettings;
  /** Shared with the detector: rules may add fields to it. */
  readonly index: FieldIndex;
  readonly enrichers: readonly Enricher[];
  /** Fields that must be filled at once; the others when `resolve` or `complete` asks. What the parser sees is always filled. */
  readonly eager: 'all' | readonly string[];
  /** Whether `event.original` is kept, redacted. */
  readonly keepOriginal: boolean;
  /** How far a stamp may lie after the arrival and be believed. */
  readonly maxSkew?: Millis;
  /** Bytes above which a line becomes a dead letter `too_long`. */
  readonly maxLine?: number;
  readonly dedupe?: Dedupe;
  /** Secret by which tokens, sessions and API keys are named; a fixed one if absent, by which guesses can be tried. */
  readonly hashKey?: string;
  readonly routes?: RoutesConfig;
  readonly redact?: RedactConfig;
  /** Who is stored under pseudonyms. Then every field is filled at once, and lines are neither kept nor shown. */
  readonly pseudonyms?: PseudonymSettings;
}

/** Bytes in, events and dead letters out: a pure function of the log, apart from the dedupe horizon, which the log itself moves. */
export interface Ingest {
  /**
   * Every record of a batch from an offset on.
   * @throws ServiceError `batch_corrupt` when the payload does not hold as many records as the batch says; `source_invalid` when a source's settings are wrong.
   */
  ingest(batch: LoggedBatch, fromOffset?: number): Ingested;
  /** The value of a slot, computed now if it was left for later. */
  resolve(event: Event, slot: number): FieldValue;
  /** Computes everything that was left for later: before an event is stored. */
  complete(event: Event): void;
  /** The event's line for evidence: redacted, control characters made visible, at most 512 characters. */
  line(event: Event): string | undefined;
}

export const defaultMaxSkew: Millis = 5 * 60_000;
/** For reading logs at a desk, where nothing is kept. */
export const defaultHashKey = 'gatewatch';
export const defaultMaxLine = 1 << 20;
const evidenceLength = 512;
/** Tag of records that have no place but their offset in the log of Gatewatch itself. */
export const logTag = sourceTag('logs/0');

interface Reader {
  readonly settings: SourceSettings;
  readonly parse: Parse;
  readonly zone: Zone | undefined;
  readonly client: ((event: LogEvent) => void) | undefined;
  readonly profile: SourceProfile | undefined;
}

interface RunParts extends IngestParts {
  readonly hide: ((event: LogEvent) => void) | undefined;
}

export function buildIngest(parts: IngestParts): Ingest {
  const { index, enrichers } = parts;
  const hide = parts.pseudonyms && pseudonymiser(buildPseudonyms(parts.pseudonyms), index);
  const eager = hide ? 'all' : parts.eager;
  const keepOriginal = parts.keepOriginal && !hide;
  const redaction = parts.redact && redactionOf(parts.redact);
  const hash = keyedHash(parts.hashKey ?? defaultHashKey);
  const providers = [
    ...whoProviders(hash),
    ...derivedProviders({ keepOriginal, routes: parts.routes }),
    ...enrichers.map(({ fields, reads, enrich }) => ({ fields, reads, fill: enrich })),
  ];
  const lazy = lazyFields(providers, index, eager);
  const readers = new Map<string, Reader>();
  const run: RunParts = { ...parts, eager, hide };

  function readerOf(name: string): Reader {
    let reader = readers.get(name);
    if (!reader) {
      const settings = parts.source(name);
      const [parse, zone, client] = [formatOf(settings, index), zoneOf(settings), clientOf(settings)];
      reader = { settings, parse, zone, client, profile: profileOf(settings, redaction) };
      readers.set(name, reader);
    }
    return reader;
  }

  return {
    ingest: (batch, fromOffset = batch.offset) => new BatchRun(run, readerOf(batch.source), lazy, batch).run(fromOffset),
    resolve: (event, slot) => (event instanceof LogEvent ? lazy.resolve(event, slot) : event.values[slot]),
    complete: (event) => {
      if (!(event instanceof LogEvent)) return;
      lazy.complete(event);
      event.release();
    },
    line: (event) => (event instanceof LogEvent && !event.pseudonymised ? evidenceLine(event.raw, redaction) : undefined),
  };
}

/** Redacts before cutting, so that no half of a secret stays; a very long line is cut first, far behind what is shown. */
function evidenceLine(raw: string, redaction: Redaction | undefined): string {
  // eslint-disable-next-line no-control-regex
  const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
  const visible = redactText(raw.length > 16_384 ? raw.slice(0, 16_384) : raw, redaction).replace(
    controls,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return visible.length > evidenceLength ? `${visible.slice(0, evidenceLength - 1)}…` : visible;
}

/** The work on one batch. */
class BatchRun {
  private readonly events: LogEvent[] = [];
  private readonly deadLetters: DeadLetter[] = [];
  private readonly duplicates: { offset: number; source: string }[] = [];
  private blank = 0;
  private readonly place: BatchPlace;
  private readonly scope: Scope;
  private readonly latest: number;
  private readonly base: number;
  private readonly header: LogHeader | undefined;

  constructor(
    private readonly parts: RunParts,
    private readonly reader: Reader,
    private readonly lazy: LazyFields,
    private readonly batch: LoggedBatch,
  ) {
    const { source, arrival, tag, position } = batch;
    const slots = parts.eager === 'all' ? parts.index.size : Math.max(AGENT + 1, lazy.slots);
    this.place = { source, arrival, tag: tag ?? logTag, slots, profile: reader.profile };
    this.scope = { arrival, zone: reader.zone };
    this.latest = arrival + (parts.maxSkew ?? defaultMaxSkew);
    this.base = tag === undefined ? -1 : (position ?? 0);
    this.header = takesHeader(reader.settings) ? new LogHeader(batch.header) : undefined;
  }

  run(fromOffset: number): Ingested {
    const { offset: first, count, payload, source } = this.batch;
    let offset = first;
    eachLine(payload, this.parts.maxLine ?? defaultMaxLine, (line, start, end) => {
      if (offset >= fromOffset) this.take(line, offset, start, end);
      else if (line !== undefined) this.header?.parserOf(line);
      offset++;
    });
    if (offset - first !== count) {
      throw new ServiceError(
        'batch_corrupt',
        `The batch at offset ${first} of source "${source}" says ${count} records and holds ${offset - first}.`,
      );
    }
    const { events, deadLetters, duplicates, blank } = this;
    return { from: Math.max(first, fromOffset), to: offset, events, deadLetters, duplicates, blank: blank > 0 ? { [source]: blank } : {} };
  }

  private take(line: string | undefined, offset: number, start: number, end: number): void {
    if (start === end) {
      this.blank++;
      return;
    }
    const position = this.base < 0 ? offset : this.base + start;
    if (line === undefined) return this.refuse(tooLong(end - start, this.parts.maxLine ?? defaultMaxLine), offset, start, end);
    const event = new LogEvent(this.place, offset, position, line);
    const failure = (this.header?.parserOf(line) ?? this.reader.parse)(line, event, this.scope);
    if (failure !== undefined) {
      if (failure !== directive) return this.refuse(failure, offset, start, end);
      this.blank++;
      return;
    }
    this.reader.client?.(event);
    if (event.profile?.redaction) redactAgain(event, event.profile.redaction);
    if (event.own !== undefined && this.parts.dedupe?.seen(event.own, this.batch.arrival)) {
      this.duplicates.push({ offset, source: this.batch.source });
      return;
    }
    if (event.stamp > this.latest) {
      event.time = this.batch.arrival;
      event.values[REASON] = 'future_timestamp';
    } else event.time = event.stamp;
    const { service } = this.reader.settings;
    if (service !== undefined) event.values[SERVICE] ??= service;
    this.lazy.fillEager(event);
    this.parts.hide?.(event);
    if (this.parts.eager === 'all') event.release();
    this.events.push(event);
  }

  private refuse({ reason, message }: Failure, offset: number, start: number, end: number): void {
    const { source, arrival, payload } = this.batch;
    const position = this.base < 0 ? offset : this.base + start;
    const place = this.base < 0 ? `record ${offset}` : `record ${offset}, byte ${position}`;
    // A copy, so that a letter does not keep its batch; of a huge line a view, so that it does not cost its size again.
    const raw = end - start > 65_536 ? payload.subarray(start, end) : Uint8Array.from(payload.subarray(start, end));
    const id = eventId({ tag: this.place.tag, position });
    this.deadLetters.push({ id, offset, arrival, source, reason, message: `Source "${source}", ${place}: ${message}`, raw });
  }
}

function tooLong(length: number, maxLine: number): Failure {
  return failed('too_long', `Expected at most ${maxLine} bytes in a line (max_line), found ${length}.`);
}
