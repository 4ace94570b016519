import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { z } from 'zod';
import { headerAfter } from '#ingest';
import { maxLineBytes } from '../input/blocks.js';
import { countRecords, type Piece } from './records.js';

/** A file's beginning tells it from another that got the same inode later. */
const printBytes = 1024;

const bookmark = z.object({
  tag: z.string(),
  /** Rises when the file was emptied and filled anew. */
  generation: z.int(),
  print: z.string(),
  printed: z.int(),
  position: z.int(),
  skipping: z.boolean(),
  /** The `#Fields:` line that holds at the position. */
  header: z.string().optional(),
});
type Bookmark = z.infer<typeof bookmark>;

/** Whole records of a file, and where reading goes on once they are safe. */
export interface FilePiece extends Piece {
  readonly position: number;
  readonly next: { readonly position: number; readonly skipping: boolean; readonly header?: string };
}

/** How a file was found: nothing known of it, known and unchanged, or known with another content. */
export type Found = 'new' | 'known' | 'replaced';

/** One file, known by device, inode and beginning, whatever it is called now. */
export class OpenFile {
  /** Lines above the bound whose rest was left out. */
  cutLines = 0;
  #state: Bookmark = fresh(0);
  /** Size at which nothing more could be read: the same size need not be read again. */
  #exhaustedAt = -1;

  private constructor(
    readonly path: string,
    /** Names the inode: `device:inode`. */
    readonly key: string,
    readonly gzip: boolean,
    private readonly handle: number,
  ) {}

  /** `saved` gives the bookmark text of a key. @throws what the file system says. */
  static open(path: string, saved: (key: string) => string | undefined): { file: OpenFile; found: Found } {
    const handle = openSync(path, 'r');
    try {
      const key = keyOf(fstatSync(handle, { bigint: true }));
      const file = new OpenFile(path, key, startsWithGzip(handle), handle);
      return { file, found: file.#resume(saved(bookmarkKey(key))) };
    } catch (error) {
      closeSync(handle);
      throw error;
    }
  }

  get position(): number {
    return this.#state.position;
  }

  /** 12 characters that name this content of this file in the ids of its records. */
  get tag(): string {
    return this.#state.tag;
  }

  size(): number {
    return fstatSync(this.handle).size;
  }

  /** True when nothing points to the file any more: it was deleted. */
  deleted(): boolean {
    return fstatSync(this.handle).nlink === 0;
  }

  /** True when the content is not the one that was read so far: emptied in place (logrotate's `copytruncate`) or written anew. Reading begins again then. */
  restarted(): boolean {
    const size = this.size();
    if (size === this.#exhaustedAt) return false;
    if (size >= this.#state.position && this.#sameBeginning(size)) return false;
    this.#state = fresh(this.#state.generation + 1);
    this.#exhaustedAt = -1;
    return true;
  }

  /**
   * The next whole records, about a MiB at most. A line without its end waits for it, unless the file is `finished`. A line above the bound is cut: its
   * beginning is a record, the rest up to the newline is skipped.
   */
  next(finished: boolean): FilePiece | undefined {
    for (;;) {
      const size = this.size();
      const { position, skipping } = this.#state;
      if (size <= position || (size === this.#exhaustedAt && !finished)) return undefined;
      this.#takePrint(size);
      const chunk = Buffer.allocUnsafeSlow(Math.min(size - position, maxLineBytes));
      const bytes = chunk.subarray(0, readSync(this.handle, chunk, 0, chunk.length, position));
      if (bytes.length === 0) return undefined;
      if (skipping) {
        this.#skip(bytes);
        continue;
      }
      const piece = this.#piece(bytes, finished);
      if (!piece) this.#exhaustedAt = size;
      return piece;
    }
  }

  /** Called when a piece is safe. */
  advance({ next }: FilePiece): void {
    this.#state = { ...this.#state, ...next };
    this.#exhaustedAt = -1;
  }

  /** What must be saved together with a piece: key and text. */
  bookmark({ next }: FilePiece): [key: string, text: string] {
    return [bookmarkKey(this.key), JSON.stringify({ ...this.#state, ...next })];
  }

  close(): void {
    closeSync(this.handle);
  }

  #resume(text: string | undefined): Found {
    const saved = text === undefined ? undefined : bookmark.safeParse(parsed(text)).data;
    if (!saved) return 'new';
    this.#state = saved;
    const size = this.size();
    if (size >= saved.position && this.#sameBeginning(size)) return 'known';
    this.#state = fresh(saved.generation + 1);
    return 'replaced';
  }

  #piece(bytes: Buffer, finished: boolean): FilePiece | undefined {
    const { position, header } = this.#state;
    const described = header === undefined ? {} : { header };
    const newline = bytes.lastIndexOf(10);
    if (newline < 0 && bytes.length === maxLineBytes) {
      this.cutLines++;
      return { ...described, payload: bytes, count: 1, position, next: { position: position + bytes.length, skipping: true } };
    }
    const length = newline < 0 && finished ? bytes.length : newline + 1;
    if (length === 0) return undefined;
    const payload = bytes.subarray(0, length);
    const after = headerAfter(payload, header);
    const next = { position: position + length, skipping: false, ...(after !== undefined && { header: after }) };
    return { ...described, payload, count: countRecords(payload), position, next };
  }

  #skip(bytes: Buffer): void {
    const newline = bytes.indexOf(10);
    const skipped = newline < 0 ? bytes.length : newline + 1;
    this.#state = { ...this.#state, position: this.#state.position + skipped, skipping: newline < 0 };
  }

  /** The print grows with the file up to its full length; the tag stays as it was first made. */
  #takePrint(size: number): void {
    const { printed, tag, generation } = this.#state;
    const bytes = Math.min(size, printBytes);
    if (bytes <= printed) return;
    const print = this.#print(bytes);
    this.#state = { ...this.#state, print, printed: bytes, tag: tag === '' ? tagOf(`${this.key} ${generation} ${print}`) : tag };
  }

  #sameBeginning(size: number): boolean {
    const { print, printed } = this.#state;
    return printed === 0 || (size >= printed && this.#print(printed) === print);
  }

  #print(bytes: number): string {
    const beginning = Buffer.alloc(bytes);
    const read = readSync(this.handle, beginning, 0, bytes, 0);
    return createHash('sha256').update(beginning.subarray(0, read)).digest('hex').slice(0, 32);
  }
}

/** `device:inode` as text: inode numbers may be above 2^53. */
export function keyOf(stat: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${stat.dev}:${stat.ino}`;
}

function bookmarkKey(key: string): string {
  return `file/${key}`;
}

function fresh(generation: number): Bookmark {
  return { tag: '', generation, print: '', printed: 0, position: 0, skipping: false };
}

// 12 digits to the base of 36: 62 bits.
function tagOf(identity: string): string {
  const hash = createHash('sha256').update(identity).digest('hex');
  return BigInt(`0x${hash}`).toString(36).slice(-12).padStart(12, '0');
}

function startsWithGzip(handle: number): boolean {
  const head = Buffer.alloc(2);
  return readSync(handle, head, 0, 2, 0) === 2 && head[0] === 0x1f && head[1] === 0x8b;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A bookmark that cannot be read is none: the file is read from its beginning.
    return undefined;
  }
}
