import { Controller, HttpCode, Inject, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiHeader, ApiOperation, ApiResponse, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { acceptedSchema, Allow, Problems, QueryOf } from '#http';
import { delivery, type LogDoor, logDoor } from './log-door.js';

@ApiTags('write')
@ApiSecurity('key')
@Controller('v1/logs')
export class LogsController {
  constructor(@Inject(logDoor) private readonly door: LogDoor) {}

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
  async post(
    @Query({ schema: delivery }) query: z.infer<typeof delivery>,
    @Req() request: FastifyRequest,
  ): Promise<{ accepted: number; offset: number; cut?: number }> {
    const { accepted, offset, cut } = await this.door.take(request, query.source, 'lines');
    return { accepted, offset, ...(cut && { cut }) };
  }
}
