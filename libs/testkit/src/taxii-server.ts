import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer that is not what the server would say: broken, refused, slow. */
export type Instead = (request: IncomingMessage, response: ServerResponse) => void;

interface Added {
  readonly at: string;
  readonly object: Readonly<Record<string, unknown>>;
}

/** A TAXII 2.1 server for specs: one API root `/api1/`, one collection, its objects in the order in which they were added. */
export class TaxiiServer {
  readonly requests: string[] = [];
  /** What it says instead to the next requests. */
  readonly instead: (Instead | undefined)[] = [];
  pageSize = 2;
  /** Whether it pages by `next`; otherwise the client goes on by `added_after`. */
  usesNext = true;
  authorization: string | undefined;
  readonly #objects: Added[] = [];
  readonly #http: Server = createServer((request, response) => this.#answer(request, response));

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/api1/`;
  }

  listen(): Promise<void> {
    return new Promise((done) => this.#http.listen(0, '127.0.0.1', done));
  }

  close(): Promise<void> {
    this.#http.closeAllConnections();
    return new Promise((done) => this.#http.close(() => done()));
  }

  add(at: string, object: Readonly<Record<string, unknown>>): void {
    this.#objects.push({ at, object });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(decodeURIComponent(request.url ?? ''));
    const instead = this.instead.shift();
    if (instead) return instead(request, response);
    const url = new URL(request.url ?? '', this.url);
    if (this.authorization !== undefined && request.headers.authorization !== this.authorization) return error(response, 401);
    if (request.headers.accept !== 'application/taxii+json;version=2.1') return error(response, 406);
    if (url.pathname !== '/api1/collections/91a7b528/objects/') return error(response, 404);
    this.#page(url.searchParams, response);
  }

  #page(asked: URLSearchParams, response: ServerResponse): void {
    const after = asked.get('added_after') ?? '';
    const types = asked.get('match[type]')?.split(',');
    const all = this.#objects.filter(({ at, object }) => at > after && (!types || types.includes(String(object['type']))));
    const from = Number(asked.get('next') ?? 0);
    const to = from + Math.min(this.pageSize, Number(asked.get('limit') ?? Infinity));
    const page = all.slice(from, to);
    const more = to < all.length;
    response.setHeader('content-type', 'application/taxii+json;version=2.1');
    if (page.length) {
      response.setHeader('x-taxii-date-added-first', page[0]!.at);
      response.setHeader('x-taxii-date-added-last', page.at(-1)!.at);
    }
    const envelope = { more, ...(more && this.usesNext && { next: String(to) }), objects: page.map(({ object }) => object) };
    response.end(JSON.stringify(page.length ? envelope : {}));
  }
}

function error(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'application/taxii+json;version=2.1' }).end(JSON.stringify({ title: String(status) }));
}
