import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { coverageDocument, coverageOfParts, type LedgerPart } from '#detection';
import type { JsonObject } from '#ecs';
import { Allow, coverageSchema, dataOf, Problem, Problems, QueryOf, range, timeRange, word } from '#http';
import type { Clock } from '#time';

/** Injection token of {@link CoverageParts}. */
export const coverageParts = Symbol('CoverageParts');

export interface CoverageParts {
  /** What each place that evaluates rules said last. */
  readonly parts: () => Promise<readonly JsonObject[]>;
  readonly clock: Clock;
}

/** As in the embedded mode. */
const coverageSearch = z.strictObject({ ...range, rule: word.optional().describe('Id or name of one rule.') });

@ApiTags('read')
@ApiSecurity('key')
@Controller('v1')
export class CoverageController {
  constructor(@Inject(coverageParts) private readonly from: CoverageParts) {}

  @Get('coverage')
  @Allow('read')
  @ApiOperation({
    summary: 'How far event time was evaluated, by rule, and with which holes',
    description:
      'A rule without holes has evaluated every event of that time that was handed over in time: that nothing was found is then a statement. Times are event time. Detectors say it about once a minute.',
  })
  @QueryOf(coverageSearch)
  @ApiResponse({ status: 200, description: 'Rules with versions and holes, and what sources sent.', schema: dataOf(coverageSchema) })
  @Problems(400, 401, 403, 404)
  async coverage(@Query({ schema: coverageSearch }) { rule, from, to }: z.infer<typeof coverageSearch>): Promise<{ data: JsonObject }> {
    const parts = (await this.from.parts()) as unknown as LedgerPart[];
    const report = coverageOfParts(parts, { ...timeRange({ from, to }, this.from.clock), ...(rule !== undefined && { rule }) });
    if (!report) throw new Problem(404, 'not_found', 'Not all detectors have said yet how far they are.');
    if (rule !== undefined && report.rules.length === 0) throw new Problem(404, 'not_found', `There is no rule ${rule}.`);
    return { data: coverageDocument(report) };
  }
}
