/** Compact bytes for saved state: numbers as varints where they are whole, text as it is in memory (a lone surrogate survives). */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(1024);
  #length = 0;

  reset(): void {
    this.#length = 0;
  }

  /** A copy of what was written. */
  take(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#bytes, 0, this.#length);
  }

  /** What was written, valid until more is. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  /** A whole number of at least 0, below 2^53. */
  whole(value: number): void {
    this.#room(8);
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
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
    // eslint-disable-next-line no-control-regex -- the range of Latin-1 begins with NUL
    const narrow = /^[\x00-\xff]*$/.test(value);
    const encoding = narrow ? 'latin1' : 'utf16le';
    const size = narrow ? value.length : value.length * 2;
    this.whole(size * 2 + (narrow ? 0 : 1));
    this.#room(size);
    this.#length += this.#bytes.write(value, this.#length, encoding);
  }

  #room(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + size));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** Reads what {@link ByteWriter} wrote. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#at++);
  }

  whole(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
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
