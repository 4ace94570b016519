import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers one request; the default says 204. */
export type Answerer = (response: ServerResponse, request: ReceivedRequest) => void;

export interface HttpReceiver {
  readonly url: string;
  readonly received: ReceivedRequest[];
  /** Answers of the next requests, in order; afterwards 204. */
  readonly answers: Answerer[];
  /** Resolves when `count` requests have come in all. */
  reached(count: number): Promise<void>;
  close(): Promise<void>;
}

/** A real HTTP server on a free port of this machine. */
export async function startHttpReceiver(): Promise<HttpReceiver> {
  const received: ReceivedRequest[] = [];
  const answers: Answerer[] = [];
  let waiters: { count: number; resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const got = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(pieces).toString('utf8') };
      received.push(got);
      const answer = answers.shift() ?? status(204);
      answer(response, got);
      for (const waiter of waiters) if (received.length >= waiter.count) waiter.resolve();
      waiters = waiters.filter(({ count }) => received.length < count);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answers,
    reached: (count) => (received.length >= count ? Promise.resolve() : new Promise((resolve) => waiters.push({ count, resolve }))),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An answer with a status and, if wanted, headers and a body. */
export function status(code: number, headers: Record<string, string> = {}, body = ''): Answerer {
  return (response) => {
    response.writeHead(code, headers);
    response.end(body);
  };
}

/** Takes the request and never answers. */
export const silence: Answerer = () => undefined;

/** Takes the request and hangs up: the sender cannot know whether it was understood. */
export const hangUp: Answerer = (response) => response.destroy();
