import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Health, HealthReport } from './health/health.js';
import { Allow } from './access.js';
import { Problems } from './openapi.js';
import { healthChecks, httpParts, type HttpParts } from './parts.js';

const reportSchema = {
  type: 'object',
  properties: { status: { type: 'string', enum: ['ok', 'warn', 'fail'] }, checks: { type: 'object', additionalProperties: true } },
};

@ApiTags('service')
@Controller()
export class ServiceController {
  constructor(
    @Inject(httpParts) private readonly parts: HttpParts,
    @Inject(healthChecks) private readonly health: Health,
  ) {}

  @Get('health/live')
  @Allow('open')
  @ApiOperation({ summary: 'Does the process answer?' })
  @ApiResponse({ status: 200, description: 'It does.' })
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('health/ready')
  @Allow('open')
  @ApiOperation({ summary: 'Should it get traffic?', description: 'Names the checks that say no, without details: this address is open.' })
  @ApiResponse({ status: 200, description: 'Yes.' })
  @ApiResponse({ status: 503, description: 'No, or not yet.' })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<{ status: string; failing: string[] }> {
    const { status, checks } = await this.health.ready();
    if (status === 'fail') void reply.status(503);
    const failing = Object.entries(checks).flatMap(([name, finding]) => (finding.status === 'fail' ? [name] : []));
    return { status: status === 'fail' ? 'fail' : 'ok', failing };
  }

  @Get('health')
  @Allow('read')
  @ApiSecurity('key')
  @ApiOperation({ summary: 'Every check with its figures' })
  @ApiResponse({ status: 200, description: 'The worst check decides the status.', schema: reportSchema })
  @Problems(401, 403)
  detail(): Promise<HealthReport> {
    return this.health.detail();
  }

  @Get('metrics')
  @Allow('read')
  @ApiSecurity('key')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @ApiOperation({ summary: "Metrics in Prometheus' text format" })
  @ApiResponse({ status: 200, description: 'Text.' })
  @Problems(401, 403)
  metrics(): Promise<string> {
    return this.parts.renderMetrics();
  }
}
