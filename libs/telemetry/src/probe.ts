import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RenderedMetrics } from './metrics.js';

/** How a process is, in words for `/health/ready`. */
export interface Readiness {
  readonly ready: boolean;
  /** By part: what is the matter, or figures. */
  readonly checks: Readonly<Record<string, unknown>>;
}

export interface ProbeParts {
  readonly host: string;
  readonly port: number;
  readonly metrics: RenderedMetrics;
  /** Brings figures up to date and tells. */
  readonly look: () => Promise<Readiness>;
}

/** Answers `/health/live`, `/health/ready` and `/metrics`, and nothing else: for processes that have no door of their own. Gives its address. */
export async function openProbe({ host, port, metrics, look }: ProbeParts): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer({ maxHeaderSize: 8192, requestTimeout: 10_000 }, (request, response) => {
    const answer = (status: number, type: string, body: string): void => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }).end(body);
    };
    const json = (status: number, body: unknown): void => answer(status, 'application/json', `${JSON.stringify(body)}\n`);
    const respond = async (): Promise<void> => {
      const path = request.url?.split('?')[0];
      if (request.method !== 'GET' && request.method !== 'HEAD') return json(405, { error: 'only GET is answered here' });
      if (path === '/health/live') return json(200, { status: 'live' });
      if (path === '/health' || path === '/health/ready') {
        const { ready, checks } = await look();
        return json(ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', checks });
      }
      if (path !== '/metrics') return json(404, { error: 'here are /health/live, /health/ready and /metrics' });
      await look();
      answer(200, metrics.contentType, await metrics.render());
    };
    respond().catch(() => json(500, { error: 'the figures could not be gathered' }));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const { address, port: bound, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
