import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { keyOf, toProblem } from '#http';
import type { Counter } from '#telemetry';
import { acceptLogs, type Accepted, type Shape } from './accept.js';
import type { InFlight } from './body.js';
import type { DoorParts } from './parts.js';
import { QuotaLedger } from './quota.js';

/** Parameters of a delivery. */
export const delivery = z.strictObject({
  source: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('Configured source that the lines belong to; also as header `X-Gatewatch-Source`. Default: `http`.'),
});

/** Injection token of {@link LogDoor}. */
export const logDoor = Symbol('LogDoor');

/** What all addresses that take records share: source, key, quota, counts. */
export class LogDoor {
  readonly #parts: DoorParts;
  readonly #inFlight: InFlight;
  readonly #quotas: QuotaLedger;
  readonly #accepted: Counter;
  readonly #bySender: Counter;
  readonly #bytesBySender: Counter;
  readonly #refused: Counter;
  readonly #overQuota: Counter;

  constructor(parts: DoorParts, inFlight: InFlight) {
    const { metrics } = parts;
    this.#parts = parts;
    this.#inFlight = inFlight;
    this.#quotas = new QuotaLedger(parts.settings.quotas ?? { each: {}, byKey: new Map() }, parts.clock);
    this.#accepted = metrics.counter('http_accepted_records_total', 'Records accepted over HTTP.', ['source']);
    this.#bySender = metrics.counter('http_sender_records_total', 'Records accepted over HTTP, by key.', ['key']);
    this.#bytesBySender = metrics.counter('http_sender_bytes_total', 'Bytes accepted over HTTP after decompression, by key.', ['key']);
    this.#refused = metrics.counter('http_refused_deliveries_total', 'Deliveries refused as a whole, by reason.', ['reason']);
    this.#overQuota = metrics.counter('http_over_quota_deliveries_total', 'Deliveries refused because of a quota, by key.', ['key']);
  }

  /** @throws Problem; nothing was accepted then. */
  async take(request: FastifyRequest, named: string | undefined, shape: Shape): Promise<Accepted> {
    const source = named ?? header(request, 'x-gatewatch-source') ?? 'http';
    const { id = '', name = '' } = keyOf.get(request) ?? {};
    try {
      const accepted = await acceptLogs(
        {
          source,
          shape,
          sender: { id, name },
          contentType: request.headers['content-type'] ?? '',
          contentEncoding: header(request, 'content-encoding')?.trim().toLowerCase() ?? '',
          contentLength: length(request.headers['content-length']),
          body: (request.body as Readable | undefined) ?? request.raw,
        },
        { ...this.#parts, inFlight: this.#inFlight, quotas: this.#quotas },
      );
      this.#accepted.add(accepted.accepted, { source });
      this.#bySender.add(accepted.accepted, { key: name });
      this.#bytesBySender.add(accepted.bytes, { key: name });
      return accepted;
    } catch (error) {
      const { code } = toProblem(error);
      this.#refused.add(1, { reason: code });
      if (code === 'quota_exceeded') this.#overQuota.add(1, { key: name });
      throw error;
    }
  }
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function length(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
