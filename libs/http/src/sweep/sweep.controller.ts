import { Controller, Get, Inject, Query, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { FieldIndex } from '#ecs';
import { sweptLines } from '#query';
import { Allow } from '../access.js';
import { Problems } from '../openapi.js';
import { QueryOf, timeRange } from '../parameters.js';
import { httpParts, type HttpParts } from '../parts.js';
import { sweepSearch, type SweepParameters } from '../searches.js';
import { SweepPlaces } from './sweep-places.js';

/** Stored events in bulk: what `gatewatch rules backtest`, `why` and `replay` read of a service that runs. */
@ApiTags('read')
@ApiSecurity('key')
@Controller('v1')
export class SweepController {
  readonly #places: SweepPlaces;

  constructor(@Inject(httpParts) private readonly parts: HttpParts) {
    this.#places = new SweepPlaces(parts.settings.maxSweeps, parts.clock);
  }

  @Get('sweep')
  @Allow('read')
  @ApiOperation({
    summary: 'All stored events in the order of the log, as NDJSON',
    description:
      'For running rules over them again: one event a line with its place in the log, its arrival, and fields by name. The last line is `{"end":true}`; an answer without it was cut off. Few may run at a time (`max_sweeps`).',
  })
  @QueryOf(sweepSearch)
  @ApiResponse({ status: 200, description: 'Events, one a line.', content: { 'application/x-ndjson': { schema: { type: 'string' } } } })
  @Problems(400, 401, 403, 429, 503)
  sweep(@Query({ schema: sweepSearch }) { from, to, field }: SweepParameters): StreamableFile {
    const { events, clock } = this.parts;
    const index = new FieldIndex();
    const query = { ...timeRange({ from, to }, clock), index, ...(field && { slots: slotsOf(field, index) }) };
    return new StreamableFile(this.#places.stream(sweptLines(events, query)), { type: 'application/x-ndjson' });
  }
}

function slotsOf(field: string | readonly string[], index: FieldIndex): ReadonlySet<number> {
  return new Set((typeof field === 'string' ? [field] : field).map((name) => index.slot(name)));
}
