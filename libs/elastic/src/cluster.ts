import { Client, errors, type ClientOptions } from '@elastic/elasticsearch';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { unzip } from 'node:zlib';
import { ServiceError } from '#telemetry';
import type { ElasticConfig } from './config.js';

const unzipped = promisify<Buffer, Buffer>(unzip);

export interface Call {
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: object;
  /** Statuses that are answers, not trouble. */
  readonly expect?: readonly number[];
  readonly signal?: AbortSignal;
}

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

/**
 * The only place that knows the client. Requests are written by path: what a core node lacks (`GET /`, `_data_stream` …) is then never called by a
 * convenience of the client, and bulk bodies stay bytes.
 */
export class Cluster {
  readonly #client: Client;

  constructor(settings: ElasticConfig) {
    this.#client = new Client(clientOptions(settings));
  }

  /** @throws ServiceError with the codes of README.md; retryable where the cluster may only be unable for now. */
  async request<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD', path: string, call: Call = {}): Promise<Answer<T>> {
    const { query, body, expect = [], signal } = call;
    try {
      const { statusCode, body: answer } = await this.#client.transport.request<T>(
        { method, path, ...(query && { querystring: { ...query } }), ...(body && { body }) },
        { meta: true, ignore: [...expect], signal },
      );
      return { status: statusCode, body: answer };
    } catch (error) {
      throw translated(error, `${method} ${path}`);
    }
  }

  /**
   * Sends the lines of a bulk request as they are and gives the answer as text: reading an answer for thousands of documents as JSON costs as much as
   * writing them, and its first bytes tell whether there is anything to read.
   * @throws ServiceError as `request` does.
   */
  async bulk(path: string, lines: Buffer, query: Readonly<Record<string, string | boolean>>): Promise<string> {
    let status: number;
    let text: string;
    try {
      const { statusCode, headers, body } = await this.#client.transport.request<AsyncIterable<Buffer | string>>(
        { method: 'POST', path, querystring: { ...query }, bulkBody: lines as never },
        { meta: true, asStream: true },
      );
      const parts: Buffer[] = [];
      for await (const part of body) parts.push(typeof part === 'string' ? Buffer.from(part) : part);
      status = statusCode;
      // With a cloud id the client asks for compressed answers, and leaves to us what it gives as a stream.
      const answer = Buffer.concat(parts);
      text = (headers?.['content-encoding'] ? await unzipped(answer) : answer).toString();
    } catch (error) {
      throw translated(error, `POST ${path}`);
    }
    if (status >= 400) throw refusal(status, asJson(text), `POST ${path}`);
    return text;
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

function clientOptions(settings: ElasticConfig): ClientOptions {
  const { nodes, cloud_id, api_key, username, password, tls } = settings;
  const auth = api_key ? { apiKey: api_key.reveal() } : username && password ? { username, password: password.reveal() } : undefined;
  const verified = { rejectUnauthorized: tls.verify, ...(tls.ca_file && { ca: readAuthority(tls.ca_file) }) };
  return {
    ...(cloud_id ? { cloud: { id: cloud_id } } : { nodes: [...(nodes ?? [])] }),
    ...(auth && { auth }),
    tls: verified,
    ...(tls.ca_fingerprint && { caFingerprint: tls.ca_fingerprint }),
    requestTimeout: settings.request_timeout,
    // Retrying has one place of its own: the client's would repeat a bulk request at once, and as a whole.
    maxRetries: 0,
    disablePrototypePoisoningProtection: true,
  };
}

function readAuthority(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new ServiceError('elastic_setup', `elasticsearch.tls.ca_file: "${file}" cannot be read.`, { cause });
  }
}

/** At the border: the client's errors carry whole requests, with credentials in their headers, so nothing of them is kept but text. */
function translated(error: unknown, what: string): ServiceError {
  if (error instanceof errors.ResponseError) {
    return refusal(error.statusCode ?? 0, error.body, what);
  }
  if (error instanceof errors.ProductNotSupportedError) {
    return new ServiceError('elastic_product', 'What answers is not Elasticsearch; OpenSearch is not supported.');
  }
  const text = error instanceof Error ? error.message || error.name : String(error);
  return new ServiceError('elastic_unreachable', `Elasticsearch does not answer ${what}: ${text}`, { retryable: true });
}

function refusal(status: number, body: unknown, what: string): ServiceError {
  const message = `Elasticsearch answered ${what} with ${status}: ${reasonOf(body)}`;
  if (status === 401 || status === 403) return new ServiceError('elastic_refused', message);
  if (status === 429 || status >= 500 || status === 408) return new ServiceError('elastic_busy', message, { retryable: true });
  return new ServiceError(status === 413 ? 'elastic_too_large' : 'elastic_request', message);
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy in between answers in words of its own.
    return text;
  }
}

/** The sentence in an error that Elasticsearch sends, at most 500 characters: it may quote what it was sent. */
export function reasonOf(body: unknown): string {
  const error = (body as { error?: unknown } | undefined)?.error ?? body;
  if (typeof error === 'string') return error.slice(0, 500);
  const { type, reason, caused_by: cause } = (error ?? {}) as { type?: string; reason?: string; caused_by?: { reason?: string } };
  const text = [type, reason, cause?.reason === reason ? undefined : cause?.reason].filter(Boolean).join(': ');
  return (text || 'no reason given').slice(0, 500);
}
