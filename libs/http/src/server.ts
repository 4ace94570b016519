import { randomBytes } from 'node:crypto';
import helmet from '@fastify/helmet';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger, Metrics } from '#telemetry';
import { guard, keyOf, routeFacts } from './access.js';
import type { HttpParts } from './parts.js';
import { Problem, sendProblem } from './problem.js';

/** Bodies that are not log lines are small. */
const smallBody = 64 * 1024;
const requestTimeout = 60_000;

/** Fastify with our bounds, before any route. */
export async function buildServer(parts: HttpParts): Promise<FastifyAdapter> {
  const adapter = new FastifyAdapter({
    logger: false,
    bodyLimit: smallBody,
    // From the first to the last byte of a request; the connection is closed then.
    requestTimeout,
    // How often Node looks for requests that take too long: at its own 30 s, ten seconds for the headers would be forty.
    http: { connectionsCheckingInterval: 5000 },
    keepAliveTimeout: 30_000,
    genReqId: () => randomBytes(9).toString('base64url'),
    requestIdHeader: false,
    trustProxy: false,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      const status = error.statusCode ?? 400;
      sendProblem(
        new Problem(status, 'bad_request', status === 414 ? 'A part of the address is too long.' : 'The address is malformed.'),
        request,
        reply,
      );
    },
  });
  const instance = adapter.getInstance<FastifyInstance>();
  instance.server.maxConnections = parts.settings.maxConnections;
  instance.server.headersTimeout = 10_000;
  await secure(instance);
  observe(instance, parts);
  guard(instance, parts.keys);
  readBodies(instance);
  return adapter;
}

async function secure(instance: FastifyInstance): Promise<void> {
  await instance.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        // The documentation page has its styles inline and its icons as data.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        scriptSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // We speak plain HTTP; whoever puts TLS in front sets this there.
    strictTransportSecurity: false,
  });
}

/** The id on every answer, one debug line and one count for every request. */
function observe(instance: FastifyInstance, { logger, metrics }: { logger: Logger; metrics: Metrics }): void {
  const requests = metrics.counter('http_requests_total', 'Answered requests.', ['route', 'status']);
  const seconds = metrics.histogram('http_request_duration_seconds', 'Time to answer.', [0.005, 0.02, 0.1, 0.5, 2, 10], ['route']);
  instance.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id).header('cache-control', 'no-store');
    done();
  });
  instance.addHook('onResponse', (request, reply, done) => {
    const route = request.is404 ? 'none' : `${request.method} ${request.routeOptions.url ?? 'none'}`;
    requests.add(1, { route, status: String(reply.statusCode) });
    seconds.observe(reply.elapsedTime / 1000, { route });
    logger.debug('A request was answered.', {
      requestId: request.id,
      route,
      status: reply.statusCode,
      millis: Math.round(reply.elapsedTime),
      address: request.ip,
      key: keyOf.get(request)?.name,
    });
    // What is left of a refused body is read and forgotten, so that the connection can carry the next request.
    request.raw.resume();
    done();
  });
}

/** One parser: a route that streams gets the stream, every other one a small JSON document. */
function readBodies(instance: FastifyInstance): void {
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser('*', (request, payload, done) => {
    if (request.is404) return done(null, undefined);
    if (routeFacts(request).streams) return done(null, payload);
    readJson(request, payload).then(
      (body) => done(null, body),
      (error: Error) => done(error),
    );
  });
}

async function readJson(request: FastifyRequest, payload: AsyncIterable<Buffer>): Promise<unknown> {
  const media = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (media !== 'application/json') throw new Problem(415, 'type_unknown', 'Content-Type must be application/json here.');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of payload) {
    bytes += chunk.length;
    if (bytes > smallBody) throw new Problem(413, 'body_too_large', `The body is larger than ${smallBody} bytes.`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    throw new Problem(400, 'body_damaged', 'The body is not JSON.');
  }
}
