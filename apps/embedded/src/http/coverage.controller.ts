import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { coverageDocument } from '#detection';
import type { JsonObject } from '#ecs';
import { Allow, coverageSchema, dataOf, Problem, Problems, QueryOf, timeRange } from '#http';
import { doorParts, type DoorParts } from './parts.js';
import { coverageSearch, type CoverageParameters } from './searches.js';

@ApiTags('read')
@ApiSecurity('key')
@Controller('v1')
export class CoverageController {
  constructor(@Inject(doorParts) private readonly parts: DoorParts) {}

  @Get('coverage')
  @Allow('read')
  @ApiOperation({
    summary: 'How far event time was evaluated, by rule, and with which holes',
    description:
      'A rule without holes has evaluated every event of that time that was handed over in time: that nothing was found is then a statement. Times are event time.',
  })
  @QueryOf(coverageSearch)
  @ApiResponse({ status: 200, description: 'Rules with versions and holes, and what sources sent.', schema: dataOf(coverageSchema) })
  @Problems(400, 401, 403, 404)
  coverage(@Query({ schema: coverageSearch }) { rule, from, to }: CoverageParameters): { data: JsonObject } {
    const { parts } = this;
    const report = parts.coverage?.({ ...timeRange({ from, to }, parts.clock), ...(rule !== undefined && { rule }) });
    if (!report) throw new Problem(404, 'not_found', 'No event was evaluated yet.');
    if (rule !== undefined && report.rules.length === 0) throw new Problem(404, 'not_found', `There is no rule ${rule}.`);
    return { data: coverageDocument(report) };
  }
}
