import { ServiceError } from '#telemetry';
import type { Millis } from '#time';

/** Why a feed could not be pulled: also the label of the metric. */
export const pullFailures = [
  'auth',
  'rate_limited',
  'server_error',
  'client_error',
  'redirect',
  'timeout',
  'network',
  'too_large',
  'broken',
  'disk',
] as const;
export type PullFailure = (typeof pullFailures)[number];

/** A pull that came to nothing. Thrown inside this folder, a value outside of it. */
export class PullError extends ServiceError {
  constructor(
    readonly reason: PullFailure,
    message: string,
    /** For how long the server wants to be left alone. */
    readonly after?: Millis,
  ) {
    super('feed_not_pulled', message);
  }
}

export interface Get {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** `Authorization`: left out when a redirect leads to another host. */
  readonly authorization: string | undefined;
  /** Bytes of a body, after decompression, above which it is not read on. */
  readonly maxBytes: number;
  /** Also plain `http:`. */
  readonly insecure: boolean;
  readonly timeout: Millis;
  /** Ends it early. */
  readonly stop: AbortSignal;
  readonly now: () => Millis;
}

export interface Got {
  /** 200, or 304 where the request was conditional. */
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

const mostRedirects = 5;

/**
 * One GET, bounded in time and size; follows redirects that do not leave TLS.
 * @throws PullError for everything but 200, 206 and 304.
 */
export async function get(request: Get): Promise<Got> {
  const tooLong = AbortSignal.timeout(request.timeout);
  const signal = AbortSignal.any([tooLong, request.stop]);
  try {
    let { url } = request;
    for (let hops = 0; hops <= mostRedirects; hops++) {
      const response = await fetch(url, { headers: headersFor(url, request), redirect: 'manual', signal });
      const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
      if (location === null) return await answer(response, request);
      await response.body?.cancel();
      url = targetOf(location, url, request.insecure);
    }
    throw new PullError('redirect', `it redirects more than ${mostRedirects} times`);
  } catch (error) {
    if (error instanceof PullError) throw error;
    if (tooLong.aborted) throw new PullError('timeout', `it did not answer in whole within ${request.timeout / 1000} s`);
    throw new PullError('network', causeOf(error));
  }
}

function headersFor(url: URL, { url: first, headers, authorization }: Get): Record<string, string> {
  const plain = { 'user-agent': 'gatewatch', ...headers };
  return authorization !== undefined && url.origin === first.origin ? { ...plain, authorization } : plain;
}

function targetOf(location: string, base: URL, insecure: boolean): URL {
  if (!URL.canParse(location, base.href)) throw new PullError('redirect', 'it redirects to what is no address');
  const url = new URL(location, base);
  if (url.protocol !== 'https:' && !(insecure && url.protocol === 'http:'))
    throw new PullError('redirect', `it redirects to ${url.protocol}//${url.host}, which is not TLS`);
  return url;
}

async function answer(response: Response, { maxBytes, now }: Get): Promise<Got> {
  const { status, headers } = response;
  if (status === 304) return { status, headers, body: Buffer.alloc(0) };
  if (status === 200 || status === 206) return { status, headers, body: await bodyOf(response, maxBytes) };
  await response.body?.cancel();
  throw new PullError(reasonOf(status), `it answers ${status}`, retryAfter(headers.get('retry-after'), now()));
}

function reasonOf(status: number): PullFailure {
  if (status === 401 || status === 403 || status === 407) return 'auth';
  if (status === 429) return 'rate_limited';
  if (status >= 300 && status < 400) return 'redirect';
  return status >= 500 || status === 408 ? 'server_error' : 'client_error';
}

/** `Retry-After` (RFC 9110, 10.2.3): seconds or a date. */
function retryAfter(header: string | null, now: Millis): Millis | undefined {
  if (header === null) return undefined;
  const wait = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return wait > 0 ? wait : undefined;
}

async function bodyOf(response: Response, maxBytes: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += piece.length;
    // Leaving the loop closes the connection.
    if (length > maxBytes) throw new PullError('too_large', `it is larger than max_size (${maxBytes} bytes)`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function causeOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  const inner = cause instanceof Error ? cause : error;
  const code = (inner as { code?: unknown }).code;
  const message = inner instanceof Error && inner.message !== '' ? inner.message : String(code ?? inner);
  return `it cannot be reached: ${message}`;
}
