import { Controller, HttpCode, Inject, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Allow, Problems, QueryOf } from '#http';
import { delivery, type LogDoor, logDoor } from './log-door.js';

/** The door that exporters of OpenTelemetry know: `OTEL_EXPORTER_OTLP_ENDPOINT=…/v1/otlp`, protocol `http/json`. */
@ApiTags('write')
@ApiSecurity('key')
@Controller('v1/otlp/v1/logs')
export class OtlpController {
  constructor(@Inject(logDoor) private readonly door: LogDoor) {}

  @Post()
  @HttpCode(200)
  @Allow('logs:write', { streams: true })
  @ApiOperation({
    summary: 'Hand over log records as OTLP/JSON',
    description:
      'ExportLogsServiceRequest in JSON (OTLP/HTTP). Answers 200 when the records are on disk; 429 and 503 carry Retry-After, as the protocol asks. The binary encoding is not spoken: set the exporter to `http/json`.',
  })
  @ApiConsumes('application/json')
  @QueryOf(delivery)
  @ApiBody({
    schema: { type: 'object', required: ['resourceLogs'], properties: { resourceLogs: { type: 'array', items: { type: 'object' } } } },
  })
  @ApiResponse({ status: 200, description: 'Accepted: the records are on disk.', schema: { type: 'object' } })
  @Problems(400, 401, 403, 413, 415, 429, 503)
  async post(@Query({ schema: delivery }) query: z.infer<typeof delivery>, @Req() request: FastifyRequest): Promise<object> {
    await this.door.take(request, query.source, 'otlp');
    // ExportLogsServiceResponse without a partial success: all was accepted.
    return {};
  }
}
