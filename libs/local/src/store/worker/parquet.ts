import {
  bits,
  bytesOf,
  codesOf,
  deltaLengths,
  levelsOf,
  numberLevels,
  plainBytes,
  present,
  size,
  uniformLevels,
} from './parquet-encodings.js';
import { ThriftWriter } from './thrift.js';

/**
 * A small writer of Parquet files (https://github.com/apache/parquet-format): one row group, optional flat columns, no compression. Text with
 * repeated values is dictionary-encoded with byte-aligned codes, so that writing is copying: about a tenth of what a COPY from CSV costs.
 */
export type PageValues =
  | { readonly type: 'dictionary'; readonly words: Buffer; readonly wordLengths: Uint32Array; readonly codes: Uint16Array | Uint32Array }
  | { readonly type: 'text' | 'bytes'; readonly bytes: Uint8Array; readonly lengths: Uint32Array }
  | { readonly type: 'long' | 'double'; readonly values: Float64Array }
  | { readonly type: 'boolean'; readonly values: Uint8Array };

export interface ParquetColumn {
  readonly name: string;
  readonly type: 'text' | 'bytes' | 'long' | 'double' | 'boolean';
  /** `undefined`: every row is null. */
  readonly values: PageValues | undefined;
}

const physical = { boolean: 0, long: 2, double: 5, text: 6, bytes: 6 };
const encoding = { plain: 0, rle: 3, deltaLength: 6, rleDictionary: 8 };
const magic = Buffer.from('PAR1');

interface Chunk {
  readonly column: ParquetColumn;
  readonly parts: Uint8Array[];
  readonly encodings: number[];
  readonly dictionaryBytes: number;
  readonly bytes: number;
  readonly minMax?: readonly [Buffer, Buffer];
}

/** The file as a list of buffers, in order. */
export function parquetFile(columns: readonly ParquetColumn[], rows: number): Uint8Array[] {
  const chunks = columns.map((column) => chunkOf(column, rows));
  const footer = footerOf(chunks, rows);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return [magic, ...chunks.flatMap(({ parts }) => parts), footer, length, magic];
}

function chunkOf(column: ParquetColumn, rows: number): Chunk {
  const parts: Uint8Array[] = [];
  const encodings = [encoding.rle];
  let dictionaryBytes = 0;
  if (column.values?.type === 'dictionary') {
    const { words, wordLengths } = column.values;
    const plain = plainBytes(words, wordLengths);
    parts.push(pageHeader(2, plain.length, wordLengths.length, encoding.plain), plain);
    dictionaryBytes = size(parts);
    encodings.push(encoding.plain);
  }
  const { levels, body, code, minMax } = dataPage(column.values, rows);
  encodings.push(code);
  parts.push(pageHeader(0, levels.length + size(body), rows, code), levels, ...body);
  return { column, parts, encodings, dictionaryBytes, bytes: size(parts), minMax };
}

interface DataPage {
  readonly levels: Buffer;
  readonly body: Uint8Array[];
  readonly code: number;
  readonly minMax?: readonly [Buffer, Buffer];
}

function dataPage(values: PageValues | undefined, rows: number): DataPage {
  if (values === undefined) return { levels: uniformLevels(rows, 0), body: [], code: encoding.plain };
  switch (values.type) {
    case 'dictionary':
      return { levels: levelsOf(values.codes, rows), body: codesOf(values.codes, values.wordLengths.length), code: encoding.rleDictionary };
    case 'bytes':
      return { levels: uniformLevels(rows, 1), body: [deltaLengths(values.lengths), values.bytes], code: encoding.deltaLength };
    case 'text':
      return {
        levels: levelsOf(values.lengths, rows),
        body: [deltaLengths(present(values.lengths)), values.bytes],
        code: encoding.deltaLength,
      };
    case 'boolean':
      return { levels: levelsOf(values.values, rows), body: [bits(values.values)], code: encoding.plain };
    case 'double':
      return {
        levels: numberLevels(values.values, rows),
        body: [bytesOf(values.values.filter((value) => value === value))],
        code: encoding.plain,
      };
    case 'long':
      return longPage(values.values, rows);
  }
}

function longPage(values: Float64Array, rows: number): DataPage {
  const words = new Int32Array(2 * rows);
  let used = 0;
  let min = Infinity;
  let max = -Infinity;
  for (let row = 0; row < rows; row++) {
    const value = values[row]!;
    if (value !== value) continue;
    if (value < min) min = value;
    if (value > max) max = value;
    words[used++] = value | 0;
    words[used++] = Math.floor(value / 0x100000000);
  }
  return {
    levels: numberLevels(values, rows),
    body: [bytesOf(words.subarray(0, used))],
    code: encoding.plain,
    minMax: used ? [int64(min), int64(max)] : undefined,
  };
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
}

function pageHeader(type: 0 | 2, bytes: number, values: number, code: number): Buffer {
  const thrift = new ThriftWriter();
  thrift.int32(1, type);
  thrift.int32(2, bytes);
  thrift.int32(3, bytes);
  thrift.struct(type === 0 ? 5 : 7, () => {
    thrift.int32(1, values);
    thrift.int32(2, code);
    if (type !== 0) return;
    thrift.int32(3, encoding.rle);
    thrift.int32(4, encoding.rle);
  });
  return thrift.finish();
}

function footerOf(chunks: readonly Chunk[], rows: number): Buffer {
  const thrift = new ThriftWriter();
  thrift.int32(1, 1);
  const root = { name: 'schema', children: chunks.length };
  thrift.structList(2, [root, ...chunks.map(({ column }) => column)], (element) => schemaElement(thrift, element));
  thrift.int64(3, rows);
  const total = chunks.reduce((sum, { bytes }) => sum + bytes, 0);
  thrift.structList(4, [0], () => {
    let at = magic.length;
    thrift.structList(1, chunks, (chunk) => {
      columnChunk(thrift, chunk, { at, rows });
      at += chunk.bytes;
    });
    thrift.int64(2, total);
    thrift.int64(3, rows);
  });
  thrift.bytes(6, 'gatewatch');
  return thrift.finish();
}

function schemaElement(thrift: ThriftWriter, element: ParquetColumn | { name: string; children: number }): void {
  if ('children' in element) {
    thrift.bytes(4, element.name);
    thrift.int32(5, element.children);
    return;
  }
  thrift.int32(1, physical[element.type]);
  thrift.int32(3, 1);
  thrift.bytes(4, element.name);
  if (element.type === 'text') thrift.int32(6, 0);
}

function columnChunk(thrift: ThriftWriter, chunk: Chunk, { at, rows }: { at: number; rows: number }): void {
  thrift.int64(2, at);
  thrift.struct(3, () => {
    thrift.int32(1, physical[chunk.column.type]);
    thrift.int32List(2, chunk.encodings);
    thrift.stringList(3, [chunk.column.name]);
    thrift.int32(4, 0);
    thrift.int64(5, rows);
    thrift.int64(6, chunk.bytes);
    thrift.int64(7, chunk.bytes);
    thrift.int64(9, at + chunk.dictionaryBytes);
    if (chunk.dictionaryBytes) thrift.int64(11, at);
    const minMax = chunk.minMax;
    if (!minMax) return;
    thrift.struct(12, () => {
      thrift.bytes(5, minMax[1]);
      thrift.bytes(6, minMax[0]);
    });
  });
}
