import { HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ServiceError, type Logger } from '#telemetry';
import type { Millis } from '#time';

/** One wrong parameter: where, what was found, what was expected. */
export interface ProblemPart {
  readonly parameter: string;
  readonly value?: string;
  readonly expected: string;
}

export interface ProblemOptions {
  readonly errors?: readonly ProblemPart[];
  readonly retryAfter?: Millis;
  readonly headers?: Readonly<Record<string, string>>;
}

const titles: Record<number, string> = {
  400: 'The request is not understood',
  401: 'A key is needed',
  403: 'The key may not do this',
  404: 'There is no such thing',
  408: 'The request took too long',
  409: 'This is in conflict with what is there',
  413: 'The body is too large',
  414: 'The address is too long',
  415: 'The encoding or type of the body is not supported',
  429: 'Too much was sent: try again later',
  500: 'Something went wrong here',
  501: 'This is not answered in this mode',
  503: 'Not now: try again later',
};

/** An answer that is not a success, in the terms of RFC 9457. `detail` is for people and says what to do. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    /** Last part of `type`: stable, for programs. */
    readonly code: string,
    readonly detail: string,
    readonly options: ProblemOptions = {},
  ) {
    super(detail);
    this.name = 'Problem';
  }
}

/** Every parameter at once, so that nobody has to find them one by one. */
export function badParameters(errors: readonly ProblemPart[]): Problem {
  const shown = errors.map(({ parameter, value, expected }) => `${parameter}${value === undefined ? '' : ` is "${value}"`}: ${expected}`);
  return new Problem(400, 'bad_parameter', `${shown.join('; ')}.`, { errors });
}

/** `urn:gatewatch:problem:…` as JSON. */
export function problemDocument(problem: Problem, request: FastifyRequest): Record<string, unknown> {
  return {
    type: `urn:gatewatch:problem:${problem.code}`,
    title: titles[problem.status] ?? 'The request failed',
    status: problem.status,
    detail: problem.detail,
    instance: request.url.split('?', 1)[0],
    request_id: request.id,
    ...(problem.options.errors && { errors: problem.options.errors }),
  };
}

export function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): void {
  const { retryAfter, headers } = problem.options;
  if (retryAfter !== undefined) void reply.header('retry-after', String(Math.max(1, Math.ceil(retryAfter / 1000))));
  if (headers) void reply.headers(headers);
  // Serialised here: for another media type than JSON the framework would not.
  void reply
    .status(problem.status)
    .type('application/problem+json')
    .send(JSON.stringify(problemDocument(problem, request)));
}

/** Turns whatever was thrown into a problem. Only what is ours or the sender's fault is told; the rest is "something went wrong" and a request id. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof ServiceError) return fromServiceError(error);
  if (error instanceof HttpException && error.getStatus() === 404)
    return new Problem(404, 'not_found', 'There is nothing at this address. GET /docs shows what there is.');
  const status = statusOf(error);
  if (status === 413) return new Problem(413, 'body_too_large', 'The body is larger than this door takes.');
  if (status !== undefined && status >= 400 && status < 500) return new Problem(status, 'bad_request', messageOf(error));
  return new Problem(500, 'internal', 'The request failed for a reason that lies here. The service log has it under this request id.');
}

const callersFault = new Set(['query_invalid', 'key_name_invalid']);
const waitAfterTrouble: Millis = 5000;

function fromServiceError(error: ServiceError): Problem {
  if (callersFault.has(error.code)) return new Problem(400, error.code, error.message);
  if (error.code === 'key_name_taken') return new Problem(409, error.code, error.message);
  if (error.code === 'log_full')
    return new Problem(503, error.code, 'The disk of the log is full: nothing was accepted. Send again later.', {
      retryAfter: 2 * waitAfterTrouble,
    });
  if (error.retryable)
    return new Problem(503, error.code, 'The store cannot answer just now. Try again.', { retryAfter: waitAfterTrouble });
  return new Problem(500, 'internal', 'The request failed for a reason that lies here. The service log has it under this request id.');
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'The request is not understood.';
}

/** Nest's door for everything that a handler, a hook or a body parser threw. */
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const problem = toProblem(error);
    if (problem.status >= 500 && !(error instanceof Problem)) {
      const about = { requestId: request.id, route: request.routeOptions.url };
      // Trouble that has a name and passes needs no stack.
      if (problem.status === 503)
        this.logger.warn('A request could not be answered now.', { ...about, code: problem.code, reason: messageOf(error) });
      else this.logger.error('A request failed.', { ...about, error });
    }
    if (reply.sent) return;
    sendProblem(problem, request, reply);
  }
}
