import type { Readable } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { Problem } from '#http';

export interface BodyBounds {
  /** As sent. */
  readonly maxBytes: number;
  /** After decompression. */
  readonly maxInflatedBytes: number;
}

/** Bytes that all requests together hold in memory. */
export class InFlight {
  #bytes = 0;
  constructor(readonly max: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  take(bytes: number): void {
    if (this.#bytes + bytes > this.max)
      throw new Problem(503, 'busy', 'Too many bodies are being received at once: nothing was accepted. Send again later.', {
        retryAfter: 1000,
      });
    this.#bytes += bytes;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}

const inflaters = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  deflate: () => createInflate(),
  br: () => createBrotliDecompress({ params: { [constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: 0 } }),
};

function isKnown(encoding: string): encoding is keyof typeof inflaters {
  return Object.hasOwn(inflaters, encoding);
}

/**
 * Reads a whole body, decompressed, and hands it to `use`; the memory counts as held until `use` is done. A bomb is noticed as it grows, not when it is
 * unpacked: at most one chunk more than the bound is ever made.
 * @throws Problem 413 above a bound, 415 for an encoding that is not known, 400 for damaged or truncated data. Nothing was handed over then.
 */
export async function withBody<T>(
  stream: Readable,
  encoding: string,
  bounds: BodyBounds & { inFlight: InFlight },
  use: (body: Buffer) => Promise<T>,
): Promise<T> {
  const held = { bytes: 0 };
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of inflated(stream, encoding, bounds.maxBytes)) {
      bounds.inFlight.take(chunk.length);
      held.bytes += chunk.length;
      if (held.bytes > bounds.maxInflatedBytes) throw tooLarge('after decompression', bounds.maxInflatedBytes);
      chunks.push(chunk);
    }
    const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, held.bytes);
    return await use(body);
  } finally {
    bounds.inFlight.give(held.bytes);
    if (!stream.readableEnded) discard(stream, bounds.maxBytes);
  }
}

/**
 * Takes the rest of a refused body from the connection: nothing else would, and the sender's next request on it would wait behind that rest without an answer.
 * Whoever goes on sending beyond the bound loses the connection.
 */
function discard(stream: Readable, most: number): void {
  let bytes = 0;
  stream.on('error', () => undefined);
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > most) stream.destroy();
  });
  stream.resume();
}

async function* inflated(stream: Readable, encoding: string, maxBytes: number): AsyncGenerator<Buffer> {
  if (encoding === '' || encoding === 'identity') {
    yield* limited(stream, maxBytes);
    return;
  }
  if (!isKnown(encoding)) {
    throw new Problem(415, 'encoding_unknown', `Content-Encoding is "${encoding.slice(0, 40)}": expected gzip, deflate, br or none.`, {
      headers: { 'accept-encoding': 'gzip, deflate, br' },
    });
  }
  const inflater = inflaters[encoding]();
  // Errors of the sender's side must stay apart from those of the data; `pipeline` would mix them.
  const feeding = feed(limited(stream, maxBytes), inflater);
  // It is awaited below, perhaps after it failed.
  feeding.catch(() => undefined);
  try {
    for await (const chunk of inflater) yield chunk as Buffer;
  } catch (error) {
    inflater.destroy();
    if (error === abandoned) await feeding;
    throw new Problem(
      400,
      'body_damaged',
      `The ${encoding} data is damaged or ends early (${(error as Error).message}): nothing was accepted.`,
    );
  } finally {
    inflater.destroy();
  }
  await feeding;
}

const abandoned = new Error('The body could not be read.');

async function feed(
  chunks: AsyncIterable<Buffer>,
  into: NodeJS.WritableStream & { destroy(error?: Error): unknown; destroyed?: boolean },
): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (into.destroyed) return;
      if (!into.write(chunk)) await drained(into);
    }
    into.end();
  } catch (error) {
    into.destroy(abandoned);
    throw error;
  }
}

function drained(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.removeListener('drain', done).removeListener('close', done);
      resolve();
    };
    stream.once('drain', done).once('close', done);
  });
}

async function* limited(stream: Readable, maxBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  try {
    // The connection must live on after a refusal, to carry the answer: only iterated, not destroyed.
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge('as sent', maxBytes);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(400, 'body_incomplete', 'The connection ended before the body was complete: nothing was accepted.');
  }
}

function tooLarge(which: string, max: number): Problem {
  return new Problem(
    413,
    'body_too_large',
    `The body is larger than ${max / (1 << 20)} MiB ${which}: nothing was accepted. Send smaller batches.`,
  );
}
