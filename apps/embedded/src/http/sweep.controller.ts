import { Controller, Get, Inject, Query, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { FieldIndex } from '#ecs';
import { Allow, badParameters, Problem, Problems, QueryOf, timeRange } from '#http';
import { sweptLines } from '../scan/swept-line.js';
import { doorParts, type DoorParts } from './parts.js';
import { SweepPlaces } from './sweep-places.js';
import { sweepSearch, type SweepParameters } from './searches.js';

/** Stored events in bulk: what `gatewatch rules backtest` and `why` read while the service has its data directory to itself. */
@ApiTags('read')
@ApiSecurity('key')
@Controller('v1')
export class SweepController {
  readonly #places: SweepPlaces;

  constructor(@Inject(doorParts) private readonly parts: DoorParts) {
    this.#places = new SweepPlaces(parts.settings.maxSweeps, parts.clock);
  }

  @Get('sweep')
  @Allow('read')
  @ApiOperation({
    summary: 'All stored events in the order of the log, as NDJSON',
    description:
      'For running rules over them again: one event a line with its place in the log, its arrival, and fields by name. The last line is `{"end":true}`; an answer without it was cut off. Few may run at a time (`http.max_sweeps`).',
  })
  @QueryOf(sweepSearch)
  @ApiResponse({ status: 200, description: 'Events, one a line.', content: { 'application/x-ndjson': { schema: { type: 'string' } } } })
  @Problems(400, 401, 403, 429, 503)
  sweep(@Query({ schema: sweepSearch }) { from, to, field }: SweepParameters): StreamableFile {
    const { stored, clock } = this.parts;
    if (!stored) throw new Problem(503, 'unavailable', 'This service has no store to read events from.');
    const index = new FieldIndex();
    const query = { ...timeRange({ from, to }, clock), index, ...(field && { slots: slotsOf(field, index) }) };
    return new StreamableFile(this.#places.stream(sweptLines(stored, query)), { type: 'application/x-ndjson' });
  }
}

/** Only fields of the table are chosen by name: those beyond it always come. */
function slotsOf(field: string | readonly string[], index: FieldIndex): ReadonlySet<number> {
  const names = typeof field === 'string' ? [field] : field;
  const slots = new Set<number>();
  for (const name of names) {
    const at = index.find(name);
    if (at === undefined) throw badParameters([{ parameter: 'field', value: name, expected: 'expected a field of the table' }]);
    slots.add(at);
  }
  return slots;
}
