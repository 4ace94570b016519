/** Up to so many letters it is cheaper to write them one by one. */
const shortText = 48;

/** Up to this length views are kept and given again: making one costs more than what is in it. */
const shortView = 256;

/** Compact bytes for saved state and for what travels: numbers as varints where they are whole, text as it is in memory (a lone surrogate survives). */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(1024);
  #length = 0;
  /** By length, of the present memory. */
  #views: (Uint8Array | undefined)[] = [];

  reset(): void {
    this.#length = 0;
  }

  /** A copy of what was written. */
  take(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#bytes, 0, this.#length);
  }

  /** What was written, valid until more is. */
  view(): Uint8Array {
    const length = this.#length;
    if (length >= shortView) return this.#bytes.subarray(0, length);
    return (this.#views[length] ??= this.#bytes.subarray(0, length));
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  /** Bytes as they are. */
  bytes(value: Uint8Array): void {
    this.#room(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** A whole number of at least 0, below 2^53. */
  whole(value: number): void {
    this.#room(8);
    let rest = value;
    for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = (rest % 128) | 128;
    for (; rest >= 128; rest >>>= 7) this.#bytes[this.#length++] = (rest & 127) | 128;
    this.#bytes[this.#length++] = rest;
  }

  /** A whole number of any sign, beyond ±2^52 with a loss. */
  signed(value: number): void {
    this.whole(value < 0 ? -value * 2 - 1 : value * 2);
  }

  /** Any number. */
  number(value: number): void {
    if (Number.isSafeInteger(value) && value >= 0 && value < 2 ** 48 && !Object.is(value, -0)) {
      this.byte(0);
      this.whole(value);
      return;
    }
    this.byte(1);
    this.#room(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  text(value: string): void {
    if (value.length <= shortText && this.#short(value)) return;
    // eslint-disable-next-line no-control-regex -- the range of Latin-1 begins with NUL
    const narrow = /^[\x00-\xff]*$/.test(value);
    const encoding = narrow ? 'latin1' : 'utf16le';
    const size = narrow ? value.length : value.length * 2;
    this.whole(size * 2 + (narrow ? 0 : 1));
    this.#room(size);
    this.#length += this.#bytes.write(value, this.#length, encoding);
  }

  /** The same bytes, without a call out of JavaScript. False, and nothing is written, for what a byte a letter cannot hold. */
  #short(value: string): boolean {
    const size = value.length;
    this.#room(size + 8);
    const begun = this.#length;
    this.whole(size * 2);
    const bytes = this.#bytes;
    const at = this.#length;
    let letters = 0;
    for (let i = 0; i < size; i++) {
      const letter = value.charCodeAt(i);
      letters |= letter;
      bytes[at + i] = letter;
    }
    this.#length = letters < 256 ? at + size : begun;
    return letters < 256;
  }

  #room(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + size));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
    this.#views = [];
  }
}

/** Reads what {@link ByteWriter} wrote. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Whether everything has been read. */
  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#at++);
  }

  whole(): number {
    const first = this.#bytes[this.#at]!;
    if (first < 128) {
      this.#at++;
      return first;
    }
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  signed(): number {
    const value = this.whole();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  number(): number {
    if (this.byte() === 0) return this.whole();
    this.#at += 8;
    return this.#bytes.readDoubleLE(this.#at - 8);
  }

  text(): string {
    const head = this.whole();
    const size = Math.floor(head / 2);
    this.#at += size;
    return this.#bytes.toString(head % 2 === 0 ? 'latin1' : 'utf16le', this.#at - size, this.#at);
  }
}
