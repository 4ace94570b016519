import { firstByte, isWide, packetMark, repeats, type PackedEntry } from './read-entries.js';

/** Bytes before the rest of a key, at most: three varints. */
const head = 15;
/** Up to so many bytes it is cheaper to copy them one by one: a call out of JavaScript costs more. */
const shortValue = 64;

/**
 * Entries one after the other, for log and disk. Of a key stands what is not the same as at the beginning of the key before; of a value that begins with the text that ends
 * its key, as those of windows do, that text is left out. The layout is told in `read-entries.ts`.
 */
export class EntryPacket {
  #bytes: Buffer;
  #length = 0;
  /** The key that was put last. */
  #key = '';

  /** @param capacity Bytes that are likely to come. */
  constructor(capacity = 4096) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  put(key: string, value: Uint8Array): void {
    this.#put(key, value, 0, value.length);
  }

  remove(key: string): void {
    this.#begin(key, 0);
    this.#whole(0);
  }

  /** An entry of another packet. */
  copy({ key, bytes, from, to }: PackedEntry): void {
    this.#put(key, bytes, from, to);
  }

  /** Bytes that were put. */
  get size(): number {
    return this.#length;
  }

  /** What was put, valid until more is. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #put(key: string, value: Uint8Array, from: number, to: number): void {
    this.#begin(key, to - from);
    const left = repeats(key, value, from, to);
    this.#whole((to - from) * 2 + (left > 0 ? 3 : 2));
    let at = this.#length;
    const bytes = this.#bytes;
    if (left > 0) bytes[at++] = value[from]!;
    const start = left > 0 ? from + firstByte + left : from;
    if (to - start > shortValue) bytes.set(value.subarray(start, to), at);
    else for (let next = start; next < to; next++) bytes[at + next - start] = value[next]!;
    this.#length = at + to - start;
  }

  /** The key; makes room for so many bytes of a value, too. */
  #begin(key: string, room: number): void {
    const before = this.#key;
    this.#key = key;
    const most = Math.min(key.length, before.length);
    let same = 0;
    while (same < most && key.charCodeAt(same) === before.charCodeAt(same)) same++;
    this.#room(packetMark.length + head + (key.length - same) * 2 + room);
    if (this.#length === 0) for (; this.#length < packetMark.length; this.#length++) this.#bytes[this.#length] = packetMark[this.#length]!;
    this.#whole(same);
    this.#rest(key, same);
  }

  /** A byte a letter where all fit, else as in memory, so that a lone surrogate survives. */
  #rest(key: string, from: number): void {
    const bytes = this.#bytes;
    const begun = this.#length;
    const size = key.length - from;
    this.#whole(size * 2);
    const at = this.#length;
    let letters = 0;
    for (let i = 0; i < size; i++) {
      const letter = key.charCodeAt(from + i);
      letters |= letter;
      bytes[at + i] = letter;
    }
    this.#length = at + size;
    if (letters < 256) return;
    bytes[begun]! |= isWide;
    this.#length = at + bytes.write(key.slice(from), at, 'utf16le');
  }

  /** A varint of a number below 2^31. */
  #whole(value: number): void {
    const bytes = this.#bytes;
    let rest = value;
    for (; rest >= 128; rest >>>= 7) bytes[this.#length++] = (rest & 127) | 128;
    bytes[this.#length++] = rest;
  }

  #room(size: number): void {
    const needed = this.#length + size;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, needed));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
