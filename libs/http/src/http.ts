import 'reflect-metadata';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ServiceError } from '#telemetry';
import type { Millis } from '#time';
import { checkHost } from './host.js';
import { nestLogger } from './nest-logger.js';
import { serveDocumentation } from './openapi.js';
import { ParameterPipe } from './parameters.js';
import type { HttpParts } from './parts.js';
import { ProblemFilter } from './problem.js';
import { buildServer } from './server.js';

const closePatience: Millis = 5000;

export interface Http {
  /**
   * Begins to listen and to run the schedules; gives the address, as `http://127.0.0.1:7770`.
   * @throws ServiceError `port_in_use`, `port_forbidden`, `host_unknown`, `public_address_refused`.
   */
  listen(host: string, port: number): Promise<string>;
  /** Takes no new request, answers those that are under way, stops the schedules. */
  close(): Promise<void>;
}

/** The controllers of a module, with keys, bounds, problems and documentation, over one port. */
export async function createHttp(module: DynamicModule, parts: HttpParts): Promise<Http> {
  const server = await buildServer(parts);
  const app = await NestFactory.create<NestFastifyApplication>(module, server, {
    bodyParser: false,
    logger: nestLogger(parts.logger),
    abortOnError: false,
  });
  app.useGlobalPipes(new ParameterPipe());
  app.useGlobalFilters(new ProblemFilter(parts.logger));
  serveDocumentation(app, parts.version ?? '0.0.0');
  return {
    async listen(host, port) {
      checkHost(host, parts.settings.allowPublic);
      await app.init();
      try {
        return await server.getInstance().listen({ host, port });
      } catch (error) {
        await app.close();
        throw listenError(error, host, port);
      }
    },
    async close() {
      const waiting = new AbortController();
      // A peer that does not read its answer must not keep us from stopping.
      void parts.clock
        .sleep(closePatience, waiting.signal)
        .then(() => waiting.signal.aborted || server.getHttpServer().closeAllConnections());
      await app.close();
      waiting.abort();
    },
  };
}

function listenError(error: unknown, host: string, port: number): unknown {
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const options = { cause: error };
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new ServiceError(
        'port_in_use',
        `${place} is in use by another program. Stop that program, or set another port (http.port).`,
        options,
      );
    case 'EACCES':
      return new ServiceError('port_forbidden', `This user may not listen on ${place}. Choose a port above 1023 (http.port).`, options);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ServiceError(
        'host_unknown',
        `${host} is no address of this machine. Set http.host to one that is, such as 127.0.0.1.`,
        options,
      );
    default:
      return error;
  }
}
