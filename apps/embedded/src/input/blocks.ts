import { createReadStream, openSync, readSync, closeSync, fstatSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { pipeline } from 'node:stream';
import { headerAfter } from '#ingest';
import { GatheredDocument } from './gathered.js';

/** A piece of an input: whole lines, except that a line above the bound is cut and an unfinished last line of the input stands alone. */
export interface Block {
  readonly payload: Buffer;
  /** The `#Fields:` line that held before it. */
  readonly header?: string;
  /** Bytes of the input that have been read so far, for progress: compressed bytes for gzip. */
  readonly consumed: number;
}

export interface Input {
  /** For messages: the path, or `stdin`. */
  readonly name: string;
  /** Bytes in all, where that is known. */
  readonly size: number | undefined;
  blocks(): AsyncIterable<Block>;
}

/** An input that could not be read to its end. What came before it was delivered. */
export class InputError extends Error {
  constructor(
    readonly input: string,
    message: string,
  ) {
    super(`${input}: ${message}`);
    this.name = 'InputError';
  }
}

// Small enough that what is made of a chunk dies young: larger ones cost more in garbage collection than they save in calls.
const chunkBytes = 1 << 18;
/** A line longer than this is cut; the rest up to its newline is skipped, so that memory stays bounded. */
export const maxLineBytes = (1 << 20) + 1;

/** `-` is standard input. Gzip is known by its first two bytes, not by the name. */
export function openInput(path: string): Input {
  if (path === '-') return { name: 'stdin', size: undefined, blocks: () => described(streamBlocks('stdin', process.stdin)) };
  const file = open(path);
  const { size } = fstatSync(file);
  const head = Buffer.alloc(2);
  const gzip = readSync(file, head, 0, 2, 0) === 2 && head[0] === 0x1f && head[1] === 0x8b;
  if (gzip) {
    closeSync(file);
    return { name: path, size, blocks: () => described(gzipBlocks(path)) };
  }
  return { name: path, size, blocks: () => described(fileBlocks(path, file)) };
}

async function* described(blocks: AsyncIterable<Block>): AsyncIterable<Block> {
  let header: string | undefined;
  for await (const block of blocks) {
    yield header === undefined ? block : { ...block, header };
    header = headerAfter(block.payload, header);
  }
}

function open(path: string): number {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new InputError(
      path,
      code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'may not be read (permission denied)' : String(error),
    );
  }
  if (!fstatSync(file).isDirectory()) return file;
  closeSync(file);
  throw new InputError(path, 'is a directory; name the files in it');
}

async function* fileBlocks(name: string, file: number): AsyncIterable<Block> {
  const cutter = new LineCutter(new GatheredDocument());
  try {
    for (let consumed = 0; ;) {
      const chunk = Buffer.allocUnsafeSlow(chunkBytes);
      const length = readSync(file, chunk, 0, chunkBytes, null);
      if (length === 0) break;
      consumed += length;
      const payload = cutter.push(chunk.subarray(0, length));
      if (payload) yield { payload, consumed };
    }
  } catch (error) {
    throw new InputError(name, `could not be read: ${(error as Error).message}`);
  } finally {
    closeSync(file);
  }
  const rest = cutter.end();
  if (rest) yield { payload: rest, consumed: 0 };
}

async function* streamBlocks(name: string, stream: AsyncIterable<Buffer>): AsyncIterable<Block> {
  const cutter = new LineCutter(new GatheredDocument());
  let consumed = 0;
  try {
    for await (const chunk of stream) {
      consumed += chunk.length;
      const payload = cutter.push(chunk);
      if (payload) yield { payload, consumed };
    }
  } catch (error) {
    throw new InputError(name, `could not be read: ${(error as Error).message}`);
  }
  const rest = cutter.end();
  if (rest) yield { payload: rest, consumed };
}

async function* gzipBlocks(name: string): AsyncIterable<Block> {
  const file = createReadStream(name, { highWaterMark: chunkBytes });
  const inflated = createGunzip({ chunkSize: chunkBytes });
  // The iteration below throws what goes wrong; the callback is only there because pipeline wants one.
  pipeline(file, inflated, () => undefined);
  const cutter = new LineCutter(new GatheredDocument());
  let broken: Error | undefined;
  try {
    for await (const chunk of inflated as AsyncIterable<Buffer>) {
      const payload = cutter.push(chunk);
      if (payload) yield { payload, consumed: file.bytesRead };
    }
  } catch (error) {
    broken = error as Error;
  }
  // Whole lines before the break were delivered; the piece of a line after them is not a record.
  const rest = broken ? cutter.release() : cutter.end();
  if (rest) yield { payload: rest, consumed: file.bytesRead };
  if (broken) throw new InputError(name, `the gzip data ends early or is damaged (${broken.message}); what came before it was read`);
}

/** Cuts chunks at the last newline and carries the piece behind it over to the next. */
export class LineCutter {
  constructor(private readonly document?: GatheredDocument) {}

  #carry: Buffer[] = [];
  #carried = 0;
  #skipping = false;

  push(chunk: Buffer): Buffer | undefined {
    return this.document ? this.#pushAll(this.document.push(chunk)) : this.#push(chunk);
  }

  #pushAll(chunks: readonly Buffer[]): Buffer | undefined {
    if (chunks.length === 1) return this.#push(chunks[0]!);
    const payloads = chunks.flatMap((chunk) => this.#push(chunk) ?? []);
    return payloads.length ? Buffer.concat(payloads) : undefined;
  }

  #push(chunk: Buffer): Buffer | undefined {
    let start = 0;
    if (this.#skipping) {
      const newline = chunk.indexOf(10);
      if (newline < 0) return undefined;
      this.#skipping = false;
      start = newline + 1;
    }
    const last = chunk.lastIndexOf(10);
    if (last < start) return this.#hold(chunk.subarray(start));
    const whole = chunk.subarray(start, last + 1);
    const payload = this.#carried ? Buffer.concat([...this.#carry, whole]) : whole;
    this.#carry = [];
    this.#carried = 0;
    this.#keep(chunk.subarray(last + 1));
    return payload;
  }

  /** Whole lines of what was still gathered, where the input broke off. */
  release(): Buffer | undefined {
    return this.document && this.#pushAll(this.document.release());
  }

  end(): Buffer | undefined {
    const last = this.document ? this.#pushAll(this.document.end()) : undefined;
    const rest = this.#carried ? Buffer.concat(this.#carry) : undefined;
    this.#carry = [];
    this.#carried = 0;
    return last && rest ? Buffer.concat([last, rest]) : (last ?? rest);
  }

  #keep(piece: Buffer): void {
    if (!piece.length) return;
    this.#carry.push(piece);
    this.#carried += piece.length;
  }

  #hold(piece: Buffer): Buffer | undefined {
    this.#keep(piece);
    if (this.#carried < maxLineBytes) return undefined;
    const cut = Buffer.concat(this.#carry).subarray(0, maxLineBytes);
    this.#carry = [];
    this.#carried = 0;
    this.#skipping = true;
    return Buffer.concat([cut, Buffer.from('\n')]);
  }
}
