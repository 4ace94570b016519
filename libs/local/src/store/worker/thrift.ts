/**
 * Writer for the part of Thrift's compact protocol that Parquet's page headers and footers need
 * (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md). Numbers are non-negative integers below 2^53.
 */
export class ThriftWriter {
  #bytes: Buffer = Buffer.allocUnsafe(512);
  #length = 0;
  #last: number[] = [0];

  int32(field: number, value: number): void {
    this.#header(field, 5);
    this.#varint(value * 2);
  }

  int64(field: number, value: number): void {
    this.#header(field, 6);
    this.#varint(value * 2);
  }

  bytes(field: number, value: string | Uint8Array): void {
    this.#header(field, 8);
    this.#binary(value);
  }

  struct(field: number, write: () => void): void {
    this.#header(field, 12);
    this.#nested(write);
  }

  int32List(field: number, values: readonly number[]): void {
    this.#list(field, 5, values.length);
    for (const value of values) this.#varint(value * 2);
  }

  stringList(field: number, values: readonly string[]): void {
    this.#list(field, 8, values.length);
    for (const value of values) this.#binary(value);
  }

  structList<T>(field: number, values: readonly T[], write: (value: T) => void): void {
    this.#list(field, 12, values.length);
    for (const value of values) this.#nested(() => write(value));
  }

  /** Ends the outermost struct. */
  finish(): Buffer {
    this.#byte(0);
    return this.#bytes.subarray(0, this.#length);
  }

  #nested(write: () => void): void {
    this.#last.push(0);
    write();
    this.#last.pop();
    this.#byte(0);
  }

  #header(field: number, type: number): void {
    const depth = this.#last.length - 1;
    this.#byte(((field - (this.#last[depth] ?? 0)) << 4) | type);
    this.#last[depth] = field;
  }

  #list(field: number, type: number, size: number): void {
    this.#header(field, 9);
    if (size < 15) return this.#byte((size << 4) | type);
    this.#byte(0xf0 | type);
    this.#varint(size);
  }

  #binary(value: string | Uint8Array): void {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    this.#varint(bytes.length);
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.#byte(rest);
  }

  #byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + bytes));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
