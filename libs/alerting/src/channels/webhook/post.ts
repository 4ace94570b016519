import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { AddressRefused, guardedLookup, isPublicAddress, unbracketed, type Resolver } from './address-guard.js';

export interface Post {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly allowPrivate: boolean;
  readonly signal: AbortSignal;
  readonly resolve?: Resolver;
}

export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** The beginning of the body, for the ledger; empty for a success. */
  readonly text: string;
}

/** Of an answer's body no more than this is read. */
const readBytes = 1200;

/**
 * One POST on a connection of its own: redirects are not followed, proxies not asked, and of the answer's body only the beginning is read.
 * @throws AddressRefused for an address that is not public; else whatever `node:http` says about the connection.
 */
export function post({ url, headers, body, allowPrivate, signal, resolve }: Post): Promise<Answer> {
  return new Promise((done, failed) => {
    const host = unbracketed(url.hostname);
    if (!allowPrivate && isIP(host) && !isPublicAddress(host)) return failed(new AddressRefused(host));
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      agent: false,
      signal,
      ...(!allowPrivate && { lookup: guardedLookup(resolve) }),
    });
    request.on('error', failed);
    request.on('response', (response) => {
      readStart(response).then((text) => {
        request.destroy();
        done({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], text });
      }, failed);
    });
    request.end(body);
  });
}

/** A success needs no explanation, so its body is not read: a receiver that said 200 and then dawdles has been told. */
async function readStart(response: IncomingMessage): Promise<string> {
  if (response.statusCode !== undefined && response.statusCode < 300) return '';
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    pieces.push(piece);
    length += piece.length;
    if (length >= readBytes) break;
  }
  return Buffer.concat(pieces).subarray(0, readBytes).toString('utf8');
}
