/** An entry of a packet. */
export interface PackedEntry {
  readonly key: string;
  readonly removes: boolean;
  /** Where its value lies. */
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
}

/*
 * A packet is its mark, then entries. An entry: how many letters its key has in common with the beginning of the key before; twice the number of the other letters, and one
 * more where they stand as two bytes a letter; these letters; then 0 for one that removes, or twice the length of the value and two, and one more where the text that ends
 * the key is left out of it behind its first byte; and the value. Numbers are varints.
 */

/** Version 2. Read as version 1, which has no mark, it would be the length of a key of 33 million letters: nothing that was ever written. */
export const packetMark: readonly number[] = [0x47, 0x77, 0x70, 2];
export const isWide = 1;
/** The byte of a value that says how long the text is that it begins with. */
export const firstByte = 1;
/** A text shorter than this is not worth looking for, one longer has a length of more than a byte. */
const [leastText, mostText] = [3, 63];

/** How many letters, one byte each, a value has behind its first byte that are the end of its key; 0 where it does not begin so. */
export function repeats(key: string, value: Uint8Array, from: number, to: number): number {
  const size = to > from ? value[from]! >> 1 : 0;
  if (size < leastText || size > mostText || value[from]! !== size * 2 || size > key.length || from + firstByte + size > to) return 0;
  const start = key.length - size;
  for (let at = 0; at < size; at++) if (key.charCodeAt(start + at) !== value[from + firstByte + at]) return 0;
  return size;
}

/**
 * The entries of a packet in the order in which they were put.
 * @throws Error for what no version of Gatewatch up to this one wrote.
 */
export function* readEntries(packet: Uint8Array): Iterable<PackedEntry> {
  const bytes = Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength);
  const version = bytes.length < packetMark.length ? 1 : bytes[3]! & 0x7f || 1;
  if (version === 1) yield* readFirstVersion(bytes);
  else if (packetMark.every((byte, at) => bytes[at] === byte)) yield* new EntryReader(bytes);
  else {
    const text = `A packet of saved state is of a version that this release does not know (${version}; known are 1 and 2), or it is damaged.`;
    throw new Error(`${text} Start the release that wrote it, or bring the folder or topic of the state back from a copy.`);
  }
}

/** Bytes that are taken at once for values that were put together again. */
const slabBytes = 64 << 10;

class EntryReader {
  #at = packetMark.length;
  #slab = Buffer.alloc(0);
  #used = 0;

  constructor(private readonly bytes: Buffer) {}

  *[Symbol.iterator](): Generator<PackedEntry> {
    const { bytes } = this;
    let key = '';
    while (this.#at < bytes.length) {
      const same = this.#whole();
      const rest = this.#rest();
      key = same === 0 ? rest : key.slice(0, same) + rest;
      const mark = this.#whole();
      const from = this.#at;
      if (mark === 0) yield { key, removes: true, bytes, from, to: from };
      else if (mark & 1) yield { key, removes: false, ...this.#joined(key, (mark >>> 1) - 1) };
      else yield { key, removes: false, bytes, from, to: this.#past((mark >>> 1) - 1) };
    }
  }

  #rest(): string {
    const shape = this.#whole();
    const from = this.#at;
    return shape & isWide
      ? this.bytes.toString('utf16le', from, this.#past(shape - isWide))
      : this.bytes.toString('latin1', from, this.#past(shape / 2));
  }

  /** A value of which the end of its key was left out. */
  #joined(key: string, size: number): { readonly bytes: Buffer; readonly from: number; readonly to: number } {
    const [first, left] = [this.#at, this.bytes[this.#at]! >> 1];
    const end = this.#past(size - left);
    if (this.#used + size > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, size));
      this.#used = 0;
    }
    const [bytes, from] = [this.#slab, this.#used];
    this.#used += size;
    bytes[from] = this.bytes[first]!;
    bytes.write(key.slice(key.length - left), from + firstByte, 'latin1');
    this.bytes.copy(bytes, from + firstByte + left, first + firstByte, end);
    return { bytes, from, to: from + size };
  }

  /** Goes on behind so many bytes, and gives where. */
  #past(size: number): number {
    this.#at += size;
    if (!(this.#at <= this.bytes.length)) throw new Error('A packet of saved state ends within an entry: it is damaged.');
    return this.#at;
  }

  #whole(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.#past(1) - 1]!;
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
    throw new Error('A packet of saved state has a number that no packet has: it is damaged.');
  }
}

/** As releases before the mark wrote it: two numbers of four bytes before each key, the one its length in bytes and whether a letter is two of them, the other that of the value. */
function* readFirstVersion(bytes: Buffer): Iterable<PackedEntry> {
  const [begin, removed, wide] = [8, 0xffffffff, 0x80000000];
  for (let start = 0; start < bytes.length;) {
    const shape = bytes.readUInt32LE(start);
    const mark = bytes.readUInt32LE(start + 4);
    const from = start + begin + (shape >= wide ? shape - wide : shape);
    const key = bytes.toString(shape >= wide ? 'utf16le' : 'latin1', start + begin, from);
    const to = mark === removed ? from : from + mark;
    if (to > bytes.length) throw new Error('A packet of saved state ends within an entry: it is damaged.');
    yield { key, removes: mark === removed, bytes, from, to };
    start = to;
  }
}
