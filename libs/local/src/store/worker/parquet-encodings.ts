// The encodings of Parquet's pages: https://github.com/apache/parquet-format/blob/master/Encodings.md

/** Definition levels of width 1 as one run. */
export function uniformLevels(rows: number, level: 0 | 1): Buffer {
  return sized([...varint(rows * 2), level]);
}

export function levelsOf(marks: Uint8Array | Uint16Array | Uint32Array, rows: number): Buffer {
  const packed = Buffer.alloc((rows + 7) >> 3);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    if (marks[row] === 0) continue;
    packed[row >> 3]! |= 1 << (row & 7);
    count++;
  }
  return levelBytes(packed, count, rows);
}

export function numberLevels(values: Float64Array, rows: number): Buffer {
  const packed = Buffer.alloc((rows + 7) >> 3);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    if (values[row] !== values[row]) continue;
    packed[row >> 3]! |= 1 << (row & 7);
    count++;
  }
  return levelBytes(packed, count, rows);
}

function levelBytes(packed: Buffer, count: number, rows: number): Buffer {
  if (count === 0 || count === rows) return uniformLevels(rows, count === 0 ? 0 : 1);
  return Buffer.concat([sized([...varint(packed.length * 2 + 1)], packed.length), packed]);
}

/** The levels' length in 4 bytes, before them. `more` bytes follow that are not in `bytes`. */
function sized(bytes: number[], more = 0): Buffer {
  const out = Buffer.alloc(4 + bytes.length);
  out.writeUInt32LE(bytes.length + more);
  out.set(bytes, 4);
  return out;
}

/** Codes minus one of the rows that have one: width byte, then one bit-packed run, which with a width of 8, 16 or 32 is a plain array. */
export function codesOf(codes: Uint16Array | Uint32Array, words: number): Uint8Array[] {
  let count = 0;
  const kept =
    words <= 0x100
      ? new Uint8Array(codes.length + 7)
      : words <= 0x10000
        ? new Uint16Array(codes.length + 7)
        : new Uint32Array(codes.length + 7);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    if (code !== 0) kept[count++] = code - 1;
  }
  const width = kept.BYTES_PER_ELEMENT * 8;
  if (words === 1) return [Buffer.from([width, ...varint(count * 2), ...new Uint8Array(width / 8)])];
  const groups = (count + 7) >> 3;
  return [Buffer.from([width, ...varint(groups * 2 + 1)]), bytesOf(kept.subarray(0, groups * 8))];
}

export function present(lengths: Uint32Array): Uint32Array {
  return lengths.includes(0) ? lengths.filter((length) => length !== 0) : lengths;
}

/** 4-byte length before each value. */
export function plainBytes(bytes: Uint8Array, lengths: Uint32Array): Buffer {
  const out = Buffer.allocUnsafe(bytes.length + 4 * lengths.length);
  let from = 0;
  let to = 0;
  for (const length of lengths) {
    out.writeUInt32LE(length, to);
    out.set(bytes.subarray(from, from + length), to + 4);
    from += length;
    to += 4 + length;
  }
  return out;
}

const blockValues = 1024;
const miniblocks = 4;
const miniblockValues = blockValues / miniblocks;

/** DELTA_BINARY_PACKED, the lengths of DELTA_LENGTH_BYTE_ARRAY, with byte-aligned widths. */
export function deltaLengths(lengths: Uint32Array): Buffer {
  const parts: Uint8Array[] = [
    Buffer.from([...varint(blockValues), ...varint(miniblocks), ...varint(lengths.length), ...varint(zigzag(lengths[0] ?? 0))]),
  ];
  const deltas = new Int32Array(Math.max(0, lengths.length - 1));
  for (let i = 0; i < deltas.length; i++) deltas[i] = lengths[i + 1]! - lengths[i]!;
  for (let start = 0; start < deltas.length; start += blockValues) parts.push(...deltaBlock(deltas.subarray(start, start + blockValues)));
  return Buffer.concat(parts);
}

function deltaBlock(deltas: Int32Array): Uint8Array[] {
  let min = Infinity;
  for (const delta of deltas) if (delta < min) min = delta;
  const widths: number[] = [];
  const bodies: Uint8Array[] = [];
  for (let start = 0; start < blockValues; start += miniblockValues) {
    const part = deltas.subarray(start, start + miniblockValues);
    let max = 0;
    for (const delta of part) if (delta - min > max) max = delta - min;
    // Miniblocks after the last value have width 0 and no body; one that is partly filled is written whole.
    const width = part.length === 0 || max === 0 ? 0 : max < 0x100 ? 8 : max < 0x10000 ? 16 : 32;
    widths.push(width);
    if (width === 0) continue;
    const body =
      width === 8 ? new Uint8Array(miniblockValues) : width === 16 ? new Uint16Array(miniblockValues) : new Uint32Array(miniblockValues);
    for (let i = 0; i < part.length; i++) body[i] = part[i]! - min;
    bodies.push(bytesOf(body));
  }
  return [Buffer.from([...varint(zigzag(min)), ...widths]), ...bodies];
}

export function bits(values: Uint8Array): Buffer {
  const kept = values.filter((value) => value !== 0);
  const out = Buffer.alloc((kept.length + 7) >> 3);
  kept.forEach((value, index) => {
    if (value === 2) out[index >> 3]! |= 1 << (index & 7);
  });
  return out;
}

function varint(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  while (rest >= 128) {
    out.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
  return out;
}

function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

export function bytesOf(array: { readonly buffer: ArrayBufferLike; readonly byteOffset: number; readonly byteLength: number }): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

export function size(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
