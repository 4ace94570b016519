/** An entry within the packet that holds it. */
export interface PackedEntry {
  readonly key: string;
  readonly removes: boolean;
  readonly bytes: Buffer;
  /** Where the whole entry begins, and where its value lies. */
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

/** Bytes before the key: its length in bytes with the way it is written, and the length of the value or `removed`. */
const head = 8;
const removed = 0xffffffff;
const wide = 0x80000000;
const shortValue = 64;

/** Entries one after the other: a head, the key (a byte a letter where all fit, else as in memory, so that a lone surrogate survives), the value. */
export class EntryPacket {
  #bytes: Buffer;
  #length = 0;

  /** @param capacity Bytes that are likely to come. */
  constructor(capacity = 4096) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  put(key: string, value: Uint8Array): void {
    const from = this.#begin(key, value.length, value.length);
    // Most values are a few bytes: a call out of JavaScript would cost more than the copy.
    const [bytes, size] = [this.#bytes, value.length];
    if (size > shortValue) bytes.set(value, from);
    else for (let at = 0; at < size; at++) bytes[from + at] = value[at]!;
    this.#length = from + size;
  }

  remove(key: string): void {
    this.#length = this.#begin(key, removed, 0);
  }

  /** An entry of another packet, as it is. */
  copy({ bytes, start, to }: PackedEntry): void {
    this.#room(to - start);
    bytes.copy(this.#bytes, this.#length, start, to);
    this.#length += to - start;
  }

  /** Bytes that were put. */
  get size(): number {
    return this.#length;
  }

  /** What was put, valid until more is. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #begin(key: string, mark: number, room: number): number {
    this.#room(head + key.length * 2 + room);
    const bytes = this.#bytes;
    const at = this.#length + head;
    let letters = 0;
    for (let i = 0; i < key.length; i++) {
      const letter = key.charCodeAt(i);
      letters |= letter;
      bytes[at + i] = letter;
    }
    const narrow = letters < 256;
    const size = narrow ? key.length : key.length * 2;
    if (!narrow) bytes.write(key, at, 'utf16le');
    bytes.writeUInt32LE((narrow ? size : size + wide) >>> 0, this.#length);
    bytes.writeUInt32LE(mark, this.#length + 4);
    return at + size;
  }

  #room(size: number): void {
    const needed = this.#length + size;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, needed));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** The entries of a packet in the order in which they were put. */
export function* readEntries(packet: Uint8Array): Iterable<PackedEntry> {
  const bytes = Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength);
  for (let start = 0; start < bytes.length;) {
    const shape = bytes.readUInt32LE(start);
    const mark = bytes.readUInt32LE(start + 4);
    const isWide = shape >= wide;
    const from = start + head + (isWide ? shape - wide : shape);
    const key = bytes.toString(isWide ? 'utf16le' : 'latin1', start + head, from);
    const to = mark === removed ? from : from + mark;
    yield { key, removes: mark === removed, bytes, start, from, to };
    start = to;
  }
}
