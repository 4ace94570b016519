import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { badParameters, Problem } from '#http';
import { splitRecords } from '#ingest';
import type { RecordLog } from '#stream';
import type { Clock } from '#time';
import { cutRecords } from '../sources/records.js';
import { withBody, type InFlight } from './body.js';
import type { DoorSettings } from './config.js';
import { firstByte, splitJsonArray } from './json-array.js';
import type { QuotaLedger, Sender } from './quota.js';

export interface AcceptParts {
  readonly log: RecordLog;
  readonly clock: Clock;
  readonly settings: DoorSettings;
  readonly inFlight: InFlight;
  /** Accepted records that the pipeline has not folded yet. */
  readonly lag: () => number;
  /** Names of the configured sources. */
  readonly sources: readonly string[];
  readonly quotas: QuotaLedger;
}

/** What an address takes: lines in any of the ways they come in, or the JSON of OTLP alone. */
export type Shape = 'lines' | 'otlp';

export interface Delivery {
  readonly source: string;
  readonly shape: Shape;
  readonly sender: Sender;
  readonly contentType: string;
  readonly contentEncoding: string;
  readonly contentLength: number | undefined;
  readonly body: Readable;
}

export interface Accepted {
  readonly accepted: number;
  /** Of the body, after decompression. */
  readonly bytes: number;
  /** Log offset of the first record. */
  readonly offset: number;
  /** Lines above the bound: their beginning was kept, as a dead letter. */
  readonly cut?: number;
}

/** Takes a delivery into the log as a whole or not at all; resolves when it is on disk. */
export async function acceptLogs(delivery: Delivery, parts: AcceptParts): Promise<Accepted> {
  const { settings, inFlight, quotas } = parts;
  checkSource(delivery.source, parts.sources);
  if (delivery.shape === 'otlp') checkOtlpType(delivery.contentType);
  quotas.check(delivery.sender);
  checkRoom(parts);
  if (delivery.contentLength !== undefined && delivery.contentLength > settings.maxBodyBytes) {
    throw new Problem(
      413,
      'body_too_large',
      `The body has ${delivery.contentLength} bytes, more than ${settings.maxBodyBytes}: nothing was accepted. Send smaller batches.`,
    );
  }
  const bounds = { maxBytes: settings.maxBodyBytes, maxInflatedBytes: settings.maxInflatedBytes, inFlight };
  return withBody(delivery.body, delivery.contentEncoding, bounds, (body) => append(body, delivery, parts));
}

async function append(
  body: Buffer,
  { source, shape, sender, contentType }: Delivery,
  { log, clock, quotas }: AcceptParts,
): Promise<Accepted> {
  const lines = shape === 'otlp' ? otlpLines(body) : isJson(contentType) ? jsonLines(body) : body;
  const { pieces, count, cut } = cutRecords(lines);
  const bytes = body.length;
  if (count === 0 && shape === 'otlp') return { accepted: 0, bytes, offset: log.end() };
  if (count === 0) throw new Problem(400, 'body_empty', 'The body holds no records: expected lines, or a JSON array of objects.');
  // Asked again: other deliveries of this sender were perhaps accepted while this one was being received.
  quotas.check(sender);
  quotas.take(sender, count, bytes);
  try {
    const arrival = clock.now();
    const offset = await log.append(pieces.map((piece) => ({ source, arrival, ...piece })));
    return { accepted: count, bytes, offset, ...(cut > 0 && { cut }) };
  } catch (error) {
    quotas.giveBack(sender, count, bytes);
    throw error;
  }
}

function checkOtlpType(contentType: string): void {
  if (isJson(contentType)) return;
  const detail = `Content-Type is "${contentType.slice(0, 60)}": this address takes OTLP as application/json. Set the exporter's protocol to http/json.`;
  throw new Problem(415, 'type_unknown', detail);
}

/** ExportLogsServiceRequest: one line each log record, its resource and scope with it. */
function otlpLines(body: Buffer): Buffer {
  const records = isUtf8(body) ? splitRecords(body.toString('utf8')) : undefined;
  const text = body.toString('utf8', 0, 200);
  if (records && /^\s*\{\s*"resourceLogs"\s*:/.test(text)) return Buffer.from(records.map((record) => `${record}\n`).join(''));
  // In proto3's JSON a request without records may leave the list out.
  if (/^\s*\{\s*\}\s*$/.test(text)) return Buffer.alloc(0);
  throw new Problem(
    400,
    'body_damaged',
    'The body is no ExportLogsServiceRequest: expected {"resourceLogs":[…]} in JSON. Nothing was accepted.',
  );
}

function isJson(contentType: string): boolean {
  const media = contentType.split(';', 1)[0]!.trim().toLowerCase();
  return media === 'application/json';
}

/** Under `application/json`: an array, an object around a list of records, or one object over several lines; anything else is taken as lines. */
function jsonLines(body: Buffer): Buffer {
  const first = firstByte(body);
  if (first === 0x5b) return splitJsonArray(body).lines;
  if (first !== 0x7b) return body;
  const records = isUtf8(body) ? splitRecords(body.toString('utf8')) : undefined;
  if (records) return Buffer.from(`${records.join('\n')}\n`);
  if (!body.includes(10)) return body;
  // One object is an array without its brackets; several on lines of their own are no array and stay lines.
  return isOneObject(body) ? splitJsonArray(Buffer.concat([Buffer.from('['), body, Buffer.from(']')])).lines : body;
}

function isOneObject(body: Buffer): boolean {
  try {
    JSON.parse(body.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

function checkSource(source: string, known: readonly string[]): void {
  if (known.includes(source)) return;
  throw badParameters([
    { parameter: 'source', value: source.slice(0, 100), expected: `expected a configured source: ${known.join(', ')}` },
  ]);
}

function checkRoom({ lag, settings }: AcceptParts): void {
  const waiting = lag();
  if (waiting <= settings.maxLagRecords) return;
  const detail = `${waiting} accepted records wait for the pipeline, more than ${settings.maxLagRecords}: nothing was accepted. Send again later.`;
  throw new Problem(503, 'lagging', detail, { retryAfter: 5000 });
}
