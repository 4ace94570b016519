import type { Readable } from 'node:stream';
import { Controller, HttpCode, Inject, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiHeader, ApiOperation, ApiResponse, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Counter } from '#telemetry';
import { acceptLogs, type Accepted } from './accept.js';
import { Allow } from './access.js';
import type { InFlight } from './body.js';
import { QueryOf } from './parameters.js';
import { httpParts, inFlightBytes, type HttpParts } from './parts.js';
import { toProblem } from './problem.js';
import { acceptedSchema, Problems } from './openapi.js';

const delivery = z.strictObject({
  source: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('Configured source that the lines belong to; also as header `X-Gatewatch-Source`. Default: `http`.'),
});

@ApiTags('write')
@ApiSecurity('key')
@Controller('v1/logs')
export class LogsController {
  readonly #parts: HttpParts;
  readonly #inFlight: InFlight;
  readonly #accepted: Counter;
  readonly #refused: Counter;

  constructor(@Inject(httpParts) parts: HttpParts, @Inject(inFlightBytes) inFlight: InFlight) {
    this.#parts = parts;
    this.#inFlight = inFlight;
    this.#accepted = parts.metrics.counter('http_accepted_records_total', 'Records accepted over HTTP.', ['source']);
    this.#refused = parts.metrics.counter('http_refused_deliveries_total', 'Deliveries refused as a whole, by reason.', ['reason']);
  }

  @Post()
  @HttpCode(202)
  @Allow('logs:write', { streams: true })
  @ApiOperation({
    summary: 'Hand over log lines',
    description:
      'Plain lines, NDJSON, or (as `application/json`) an array of objects. Answers 202 when the records are on disk; before that, or on any other answer, nothing of the body was accepted and it may be sent again.',
  })
  @ApiConsumes('text/plain', 'application/x-ndjson', 'application/json')
  @ApiHeader({ name: 'Content-Encoding', required: false, schema: { type: 'string', enum: ['gzip', 'deflate', 'br'] } })
  @QueryOf(delivery)
  @ApiBody({
    schema: { type: 'string', example: '203.0.113.7 - - [22/Nov/2026:10:00:00 +0000] "GET /login HTTP/1.1" 401 12 "-" "curl/8.5"\n' },
  })
  @ApiResponse({ status: 202, description: 'Accepted: the records are on disk.', schema: acceptedSchema })
  @Problems(400, 401, 403, 413, 415, 429, 503)
  async post(@Query({ schema: delivery }) query: z.infer<typeof delivery>, @Req() request: FastifyRequest): Promise<Accepted> {
    const source = query.source ?? header(request, 'x-gatewatch-source') ?? 'http';
    try {
      const accepted = await acceptLogs(
        {
          source,
          contentType: request.headers['content-type'] ?? '',
          contentEncoding: header(request, 'content-encoding')?.trim().toLowerCase() ?? '',
          contentLength: length(request.headers['content-length']),
          body: (request.body as Readable | undefined) ?? request.raw,
        },
        { ...this.#parts, inFlight: this.#inFlight },
      );
      this.#accepted.add(accepted.accepted, { source });
      return accepted;
    } catch (error) {
      this.#refused.add(1, { reason: toProblem(error).code });
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
