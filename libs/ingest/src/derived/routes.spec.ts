import { describe, expect, it } from 'vitest';
import { slot, type FieldName } from '#ecs';
import { batchOf, ingestFor } from '../spec-kit.js';
import { readOpenapi } from './openapi/read-openapi.js';
import { routeFacts, routesConfig } from './route-labels.js';

const description = `
openapi: 3.1.0
servers: [{ url: 'https://{env}.example.com/api/v2', variables: { env: { default: prod } } }]
paths:
  /users/{userId}: { get: {}, delete: {} }
  /users/me: { get: {} }
  /users/{userId}/files/{name}.pdf: { get: {} }
`;

function read(method: string, path: string, api?: string, templates: readonly string[] = []): (name: FieldName) => unknown {
  const opened = api === undefined ? undefined : readOpenapi(api);
  const ingest = ingestFor(opened?.ok ? { api: opened.paths } : {}, { routes: routesConfig.parse({ templates }) });
  const { events } = ingest.ingest(batchOf(`203.0.113.7 - - [15/Jan/2026:10:05:03 +0000] "${method} ${path} HTTP/1.1" 200 5`));
  return (name) => ingest.resolve(events[0]!, slot[name]);
}

describe('a route', () => {
  it('is one of the templates of the configuration, where the text of a path does not show it', () => {
    const templates = ['/articles/{slug}', '/articles/{slug}/comments/{id}', '/articles/search'];
    const of = (path: string): unknown[] =>
      (['gatewatch.route', 'gatewatch.object.id'] as const).map(read('GET', path, undefined, templates));
    expect(of('/articles/ten-things')).toEqual(['/articles/{slug}', 'ten-things']);
    expect(of('/articles/ten-things/comments/7')).toEqual(['/articles/{slug}/comments/{id}', '7']);
    expect(of('/articles/search')).toEqual(['/articles/search', undefined]);
    expect(of('/articles/ten-things/likes/7')).toEqual(['/articles/ten-things/likes/{id}', '7']);
  });

  it.each(['articles', '/a b', '/a/{Slug', '/a?b', '/{1}'])('template %s is refused', (template) => {
    expect(routesConfig.safeParse({ templates: [template] }).success).toBe(false);
  });

  it('names the object, the last of several', () => {
    expect(read('GET', '/v1/users/42/orders/77')('gatewatch.object.id')).toBe('77');
    expect(read('GET', '/v1/users')('gatewatch.object.id')).toBeUndefined();
    expect(read('GET', '/v1/users/42')('gatewatch.api.version')).toBe('v1');
  });

  it.each([
    ['GET', '/api/v2/users/42', '/api/v2/users/{userId}', '42', true],
    ['HEAD', '/api/v2/users/alice', '/api/v2/users/{userId}', 'alice', true],
    ['POST', '/api/v2/users/42', '/api/v2/users/{userId}', '42', false],
    ['GET', '/api/v2/users/me', '/api/v2/users/me', undefined, true],
    ['GET', '/api/v2/users/42/', '/api/v2/users/{userId}', '42', true],
    ['GET', '/api/v2/users/me/files/a.pdf', '/api/v2/users/{userId}/files/{name}.pdf', 'a', true],
    ['GET', '/api/v2/users/me/files/a.txt', '/api/v2/users/me/files/a.txt', undefined, false],
    ['GET', '/api/v2/users//files/a.pdf', '/api/v2/users//files/a.pdf', undefined, false],
    ['GET', '/api/v1/users/42', '/api/v1/users/{id}', '42', false],
  ])('of %s %s is taken from an OpenAPI file: %s', (...[method, path, route, object, documented]) => {
    const of = read(method, path, description);
    expect([of('gatewatch.route'), of('gatewatch.object.id'), of('gatewatch.api.documented')]).toEqual([route, object, documented]);
  });

  it('is not said to be documented or not where no file is given', () => {
    expect(read('GET', '/a')('gatewatch.api.documented')).toBeUndefined();
  });

  it.each([
    ['/api/admin/users', ['admin']],
    ['/wp-login.php', ['login']],
    ['/actuator/heapdump', ['debug']],
    ['/v1/orders/export.csv', ['export']],
    ['/checkout/{id}', ['payment']],
    ['/account/password', ['account']],
    ['/users/{id}', undefined],
    ['/internal/users', ['internal']],
    ['/internal', ['internal']],
    ['/reports/{id}/pages', ['export']],
  ])('%s has the labels %s', (route, labels) => {
    const config = routesConfig.parse({ labels: { internal: ['/internal/**'], export: ['/reports/*/pages'] } });
    expect(routeFacts(config)(route).labels).toEqual(labels);
  });
});

describe('an OpenAPI file', () => {
  it('may be JSON or Swagger 2', () => {
    const result = readOpenapi('{"swagger":"2.0","basePath":"/v1/","paths":{"/a":{"get":{}}}}');
    expect(result).toEqual({ ok: true, paths: [{ template: '/v1/a', methods: ['get'] }] });
  });

  it('is refused with a reason', () => {
    expect(readOpenapi('{"paths": ')).toMatchObject({ ok: false });
    expect(readOpenapi('a: 1')).toMatchObject({ ok: false, problem: expect.stringContaining('paths') as string });
    const bomb = `a0: &a0 [x]\n${Array.from({ length: 20 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}, *a${n}, *a${n}]`).join('\n')}\npaths: {}`;
    expect(readOpenapi(bomb)).toMatchObject({ ok: false });
  });
});
