import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiResponse, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow, dataOf, type Key, keyName, keySchema, Problem, Problems, scopes } from '#http';
import { doorParts, type DoorParts } from './parts.js';

const newKey = z.strictObject({ name: keyName, scope: z.enum(scopes) });

@ApiTags('keys')
@ApiSecurity('key')
@Controller('v1/keys')
export class KeysController {
  constructor(@Inject(doorParts) private readonly parts: DoorParts) {}

  @Post()
  @HttpCode(201)
  @Allow('admin')
  @ApiOperation({ summary: 'Make a key', description: 'The answer holds the key itself: it is shown this once and kept nowhere.' })
  @ApiBody({
    schema: {
      type: 'object',
      properties: { name: { type: 'string' }, scope: { type: 'string', enum: [...scopes] } },
      required: ['name', 'scope'],
      example: { name: 'nginx on web-1', scope: 'logs:write' },
    },
  })
  @ApiResponse({ status: 201, description: 'The key.', schema: dataOf(keySchema) })
  @Problems(400, 401, 403, 409)
  add(@Body({ schema: newKey }) { name, scope }: z.infer<typeof newKey>): { data: Key & { key: string } } {
    const { text, ...key } = this.parts.keys.add(name, scope);
    this.parts.logger.info('An API key was made.', { id: key.id, name, scope });
    return { data: { ...key, key: text.reveal() } };
  }

  @Get()
  @Allow('admin')
  @ApiOperation({ summary: 'List the keys' })
  @ApiResponse({ status: 200, description: 'All keys, revoked ones too.', schema: dataOf({ type: 'array', items: keySchema }) })
  @Problems(401, 403)
  list(): { data: Key[] } {
    return { data: this.parts.keys.list() };
  }

  @Delete(':id')
  @ApiParam({ name: 'id', description: 'Id or name.', schema: { type: 'string' } })
  @Allow('admin')
  @ApiOperation({ summary: 'Revoke a key' })
  @ApiResponse({ status: 200, description: 'The key as it is now.', schema: dataOf(keySchema) })
  @Problems(400, 401, 403, 404)
  revoke(@Param('id', { schema: z.string().min(1).max(64) }) id: string): { data: Key } {
    const key = this.parts.keys.revoke(id);
    if (!key) throw new Problem(404, 'not_found', `There is no key ${id}.`);
    this.parts.logger.info('An API key was revoked.', { id: key.id, name: key.name, scope: key.scope });
    return { data: key };
  }
}
