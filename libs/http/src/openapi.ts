import type { INestApplication } from '@nestjs/common';
import { ApiResponse, DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

interface Schema {
  [key: string]: unknown;
}

const object = (properties: Schema, required: string[] = Object.keys(properties)): Schema => ({ type: 'object', properties, required });
const text = (example?: string): Schema => ({ type: 'string', ...(example && { example }) });

export const acceptedSchema = object(
  {
    accepted: { type: 'integer', example: 2, description: 'Records taken.' },
    offset: { type: 'integer', example: 1041, description: 'Log offset of the first one; the others follow.' },
    cut: { type: 'integer', description: 'Lines above the bound, kept with their beginning as dead letters.' },
  },
  ['accepted', 'offset'],
);

const problemSchema = object(
  {
    type: text('urn:gatewatch:problem:bad_parameter'),
    title: text('The request is not understood'),
    status: { type: 'integer', example: 400 },
    detail: text('limit is "5000": expected a whole number from 1 to 1000.'),
    instance: text('/v1/events'),
    request_id: text(),
    errors: {
      type: 'array',
      items: object({ parameter: text('limit'), value: text('5000'), expected: text() }, ['parameter', 'expected']),
    },
  },
  ['type', 'title', 'status', 'detail', 'instance', 'request_id'],
);

/** A document whose fields are those of ECS: too many to list, and shown by an example. */
export const ecsSchema = (example: Schema): Schema => ({ type: 'object', additionalProperties: true, example });

export const pageOf = (entry: Schema): Schema =>
  object({
    data: { type: 'array', items: entry },
    next_cursor: { type: 'string', nullable: true, description: '`null` on the last page.' },
  });

export const dataOf = (entry: Schema): Schema => object({ data: entry });

export const eventSchema = ecsSchema({
  '@timestamp': '2026-11-22T10:00:00.000Z',
  event: { id: 'a1b2c3d4e5f6-0000000c8', kind: 'event', category: ['web'], outcome: 'failure' },
  source: { ip: '203.0.113.7' },
  http: { request: { method: 'GET' }, response: { status_code: 401 } },
  url: { path: '/login' },
});

export const signalSchema = ecsSchema({
  '@timestamp': '2026-11-22T10:04:10.000Z',
  event: { id: '5f0c…', kind: 'alert', severity: 73, reason: '23 login failures from 203.0.113.7 in 4m 10s (rule asks for 10 in 5m)' },
  rule: { id: 'login-burst', name: 'Burst of login failures' },
  gatewatch: { signal: { status: 'open', level: 'high', count: 23, group: { 'source.ip': '203.0.113.7' } } },
});

const instantSchema: Schema = { type: 'string', format: 'date-time' };
const stretch = (more: Schema = {}, required: string[] = []): Schema =>
  object({ from: instantSchema, to: instantSchema, ...more }, ['from', 'to', ...required]);

export const coverageSchema = stretch(
  {
    watermark: { ...instantSchema, description: 'Event time up to which everything was evaluated.' },
    rules: {
      type: 'array',
      items: object({
        rule: text('5f3f0f5e-0d0b-4a53-9d55-6f1a35a7c002'),
        name: text('login_burst'),
        versions: { type: 'array', items: stretch({ version: text('084421c8c1') }, ['version']) },
        holes: {
          type: 'array',
          items: stretch(
            {
              reason: { type: 'string', enum: ['not_in_force', 'not_yet', 'down', 'source_silent', 'late', 'evicted'] },
              source: text('web'),
              count: { type: 'integer' },
            },
            ['reason'],
          ),
        },
      }),
    },
    sources: {
      type: 'array',
      items: object({ source: text('web'), silent: { type: 'boolean' }, ranges: { type: 'array', items: stretch() } }),
    },
  },
  ['watermark', 'rules', 'sources'],
);

export const keySchema = object(
  {
    id: text('9f86d081'),
    name: text('nginx on web-1'),
    scope: { type: 'string', enum: ['logs:write', 'read', 'admin'] },
    created: { type: 'string', format: 'date-time' },
    lastUsed: { type: 'string', format: 'date-time' },
    revoked: { type: 'string', format: 'date-time' },
  },
  ['id', 'name', 'scope', 'created'],
);

const meanings: Record<number, string> = {
  400: 'A parameter or the body is not understood.',
  401: 'No key, or one that is not known.',
  403: 'The key has another scope.',
  404: 'There is no such thing (any more).',
  409: 'In conflict with what is there.',
  413: 'Larger than a bound.',
  415: 'Encoding or type not supported.',
  429: 'Too many wrong keys from this address, more than the quota of the key, or more sweeps at a time than may run. `Retry-After` says when.',
  501: 'Not answered in this mode; the detail says where it is.',
  503: 'Not now; `Retry-After` says when.',
};

/** Documents the failures of a handler, which all look as RFC 9457 says. */
export function Problems(...statuses: number[]): MethodDecorator {
  const decorators = statuses.map((status) =>
    ApiResponse({ status, description: meanings[status] ?? '', content: { 'application/problem+json': { schema: problemSchema } } }),
  );
  return (target, key, descriptor) => {
    for (const decorate of decorators) decorate(target, key, descriptor as TypedPropertyDescriptor<unknown>);
  };
}

/** Serves the description at `/openapi.json` and a page to try it at `/docs`. */
export function serveDocumentation(app: INestApplication, version: string): void {
  const description =
    'What Gatewatch takes, finds and tells. Keys: `Authorization: Bearer gw_…` or `X-API-Key`. Scopes: `read` for asking, `logs:write` for handing over logs, `admin` for both and for keys. Failures are RFC 9457 problems.';
  const config = new DocumentBuilder()
    .setTitle('Gatewatch')
    .setDescription(description)
    .setVersion(version)
    .addSecurity('key', { type: 'http', scheme: 'bearer', description: 'An API key: gw_…' })
    .addTag('write', 'Handing over log lines')
    .addTag('read', 'Events, signals, dead letters, notifications')
    .addTag('keys', 'API keys')
    .addTag('service', 'Health and metrics')
    .build();
  SwaggerModule.setup('docs', app, () => onlyUsedTags(SwaggerModule.createDocument(app, config)), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Gatewatch API',
    swaggerOptions: { validatorUrl: null, persistAuthorization: false },
  });
}

/** Not every process has all the addresses. */
function onlyUsedTags(document: OpenAPIObject): OpenAPIObject {
  const used = new Set(
    Object.values(document.paths).flatMap((path) =>
      Object.values(path as Record<string, { tags?: string[] }>).flatMap(({ tags = [] }) => tags),
    ),
  );
  return { ...document, tags: (document.tags ?? []).filter(({ name }) => used.has(name)) };
}
