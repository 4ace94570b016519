import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Scope } from './keys/key-file.js';
import type { Key } from './keys/key-ring.js';
import type { KeyCheck } from './parts.js';
import { Problem } from './problem.js';

/** Who may call a route. `open`: everybody who reaches the port. */
export type Access = Scope | 'open';

interface RouteFacts {
  readonly access?: Access;
  /** The handler reads the body itself. */
  readonly streams?: boolean;
}

/** Says who may call a handler. A route that does not say is for `admin`. */
export function Allow(access: Access, facts: Omit<RouteFacts, 'access'> = {}): MethodDecorator {
  return RouteConfig({ access, ...facts });
}

export function routeFacts(request: FastifyRequest): RouteFacts {
  return request.routeOptions.config as RouteFacts;
}

/** The key that a request came with, for the access log. */
export const keyOf = new WeakMap<FastifyRequest, Key>();

/**
 * Checks the key before the body is read: an unknown sender cannot make us hold anything. The interactive documentation registers its own routes,
 * which are open: they show nothing but what is in the source code.
 */
export function guard(instance: FastifyInstance, keys: KeyCheck): void {
  instance.addHook('onRequest', (request, _reply, done) => {
    try {
      admit(request, keys);
      done();
    } catch (error) {
      done(error as Error);
    }
  });
}

function admit(request: FastifyRequest, keys: KeyCheck): void {
  if (request.is404) return;
  const { access = isDocumentation(request) ? 'open' : 'admin' } = routeFacts(request);
  if (access === 'open') return;
  const presented = presentedKey(request);
  if (presented === undefined)
    throw unauthorised('This address needs a key: send it as "Authorization: Bearer gw_…" or "X-API-Key: gw_…".');
  const verdict = keys.verify(presented, request.ip);
  if (verdict.outcome === 'throttled') {
    throw new Problem(429, 'too_many_wrong_keys', 'Too many wrong keys came from this address.', { retryAfter: verdict.retryAfter });
  }
  if (verdict.outcome === 'unknown') throw unauthorised('The key is not known, or was revoked.');
  keyOf.set(request, verdict.key);
  if (verdict.key.scope !== access && verdict.key.scope !== 'admin') {
    throw new Problem(
      403,
      'scope_missing',
      `The key "${verdict.key.name}" has the scope ${verdict.key.scope}; this address needs ${access}.`,
    );
  }
}

function isDocumentation(request: FastifyRequest): boolean {
  const route = request.routeOptions.url ?? '';
  return request.method === 'GET' || request.method === 'HEAD'
    ? route === '/docs' || route.startsWith('/docs/') || route === '/openapi.json'
    : false;
}

function presentedKey({ headers }: FastifyRequest): string | undefined {
  const direct = headers['x-api-key'];
  if (typeof direct === 'string' && direct !== '') return direct;
  const match = /^bearer +([^ ]+)$/i.exec(headers.authorization ?? '');
  return match?.[1];
}

function unauthorised(detail: string): Problem {
  return new Problem(401, 'key_missing_or_unknown', detail, { headers: { 'www-authenticate': 'Bearer realm="gatewatch"' } });
}
