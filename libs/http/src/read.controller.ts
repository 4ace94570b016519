import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { signalDocument, type JsonObject } from '#ecs';
import type { Page } from '#query';
import { Allow } from './access.js';
import { dataOf, eventSchema, pageOf, Problems, signalSchema } from './openapi.js';
import { fieldFilters, QueryOf, timeRange } from './parameters.js';
import { httpParts, type HttpParts } from './parts.js';
import { badParameters, Problem } from './problem.js';
import * as search from './searches.js';

/** A page as answered. */
interface Answer {
  readonly data: readonly JsonObject[];
  readonly next_cursor: string | null;
}

@ApiTags('read')
@ApiSecurity('key')
@Controller('v1')
export class ReadController {
  constructor(@Inject(httpParts) private readonly parts: HttpParts) {}

  @Get('events')
  @Allow('read')
  @ApiOperation({
    summary: 'Search events, newest first',
    description:
      'Every other parameter is a field and the value it must have (an address or a CIDR for address fields); repeated, any of the values.',
  })
  @QueryOf(search.eventSearch)
  @ApiQuery({
    name: 'source.ip',
    required: false,
    description: 'Example of a field.',
    schema: { type: 'string', example: '203.0.113.0/24' },
  })
  @ApiResponse({ status: 200, description: 'ECS documents.', schema: pageOf(eventSchema) })
  @Problems(400, 401, 403, 503)
  async events(@Query({ schema: search.eventSearch }) query: search.EventParameters): Promise<Answer> {
    const { from, to, limit, cursor, ...rest } = query;
    const filters = fieldFilters(rest, search.eventNames);
    return answer(
      await this.parts.events.searchEvents({ ...timeRange({ from, to }, this.parts.clock), filters, limit, ...(cursor && { cursor }) }),
    );
  }

  @Get('events/:id')
  @Allow('read')
  @ApiParam({ name: 'id', schema: { type: 'string' } })
  @ApiOperation({ summary: 'One event' })
  @ApiResponse({ status: 200, description: 'ECS document.', schema: dataOf(eventSchema) })
  @Problems(400, 401, 403, 404, 503)
  async event(@Param('id', { schema: search.idParameter }) id: string): Promise<{ data: JsonObject }> {
    const data = await this.parts.events.event(id);
    if (!data) throw missing('event', id);
    return { data };
  }

  @Get('signals')
  @Allow('read')
  @ApiOperation({ summary: 'Search signals, newest first', description: 'Every other parameter is a group-by field and its value.' })
  @QueryOf(search.signalSearch)
  @ApiQuery({
    name: 'source.ip',
    required: false,
    description: 'Example of a group-by field.',
    schema: { type: 'string', example: '203.0.113.7' },
  })
  @ApiResponse({ status: 200, description: 'ECS documents of kind `alert`.', schema: pageOf(signalSchema) })
  @Problems(400, 401, 403, 503)
  async signals(@Query({ schema: search.signalSearch }) query: search.SignalParameters): Promise<Answer> {
    const { from, to, rule, status, level, limit, cursor, ...rest } = query;
    const group = single(fieldFilters(rest, search.signalNames));
    const times = timeRange({ from, to }, this.parts.clock);
    const page = await this.parts.events.searchSignals({ ...times, rule, status, level, group, limit, ...(cursor && { cursor }) });
    return answer({ ...page, found: page.found.map(signalDocument) });
  }

  @Get('signals/:id')
  @Allow('read')
  @ApiParam({ name: 'id', schema: { type: 'string' } })
  @ApiOperation({ summary: 'One signal and the events it rests on' })
  @ApiResponse({
    status: 200,
    description: 'The signal, and those of its evidence events that are still kept.',
    schema: {
      type: 'object',
      properties: { data: signalSchema, evidence: { type: 'array', items: eventSchema } },
      required: ['data', 'evidence'],
    },
  })
  @Problems(400, 401, 403, 404, 503)
  async signal(@Param('id', { schema: search.idParameter }) id: string): Promise<{ data: JsonObject; evidence: JsonObject[] }> {
    const signal = await this.parts.events.signal(id);
    if (!signal) throw missing('signal', id);
    const evidence = await this.parts.events.eventsOf(signal.evidence);
    return { data: signalDocument(signal), evidence };
  }

  @Get('dead-letters')
  @Allow('read')
  @ApiOperation({ summary: 'Search records that could not be understood, newest first', description: '`from` and `to` are arrival times.' })
  @QueryOf(search.deadLetterSearch)
  @ApiResponse({
    status: 200,
    description: 'ECS documents of kind `pipeline_error`, with the bytes as they came (base64).',
    schema: pageOf(eventSchema),
  })
  @Problems(400, 401, 403, 503)
  async deadLetters(@Query({ schema: search.deadLetterSearch }) query: search.DeadLetterParameters): Promise<Answer> {
    const { from, to, reason, source, limit, cursor } = query;
    const times = timeRange({ from, to }, this.parts.clock);
    return answer(await this.parts.events.searchDeadLetters({ ...times, reason, source, limit, ...(cursor && { cursor }) }));
  }
}

function answer({ found, cursor }: Page<JsonObject>): Answer {
  return { data: found, next_cursor: cursor ?? null };
}

function single(filters: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(filters).map(([name, values]) => {
      if (values.length > 1) throw badParameters([{ parameter: name, expected: 'expected one value' }]);
      return [name, values[0]!];
    }),
  );
}

function missing(what: string, id: string): Problem {
  return new Problem(404, 'not_found', `There is no ${what} ${id}, or it is no longer kept.`);
}
