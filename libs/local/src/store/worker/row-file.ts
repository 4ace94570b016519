import { closeSync, fsyncSync, openSync, renameSync, rmSync, writevSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ColumnPlan, EncodedColumn, EncodedRows } from '../messages.js';
import { addressKey } from './address.js';
import { parquetFile, type PageValues, type ParquetColumn } from './parquet.js';

/** Writes rows as a Parquet file. With `durable` it is on disk under its name, or not there at all, when this returns. */
export function writeRows(path: string, rows: EncodedRows, plan: readonly ColumnPlan[], durable: boolean): void {
  const buffers = parquetFile(
    plan.map((column, at) => toParquet(column, at, rows)),
    rows.rows,
  );
  if (!durable) return writeFile(path, buffers, false);
  const unfinished = `${path}.unfinished`;
  writeFile(unfinished, buffers, true);
  publish(unfinished, path);
}

/** Gives a finished, synced file its name, durably. */
export function publish(unfinished: string, path: string): void {
  renameSync(unfinished, path);
  sync(dirname(path));
}

/** Flushes a file or directory that somebody else wrote. */
export function sync(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function writeFile(path: string, buffers: Uint8Array[], durable: boolean): void {
  const handle = openSync(path, 'w', 0o600);
  try {
    writeAll(handle, buffers);
    if (durable) fsyncSync(handle);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
}

/** IOV_MAX is 1024 on Linux and macOS; a write may also be short. */
function writeAll(handle: number, buffers: Uint8Array[]): void {
  let rest = buffers.filter(({ length }) => length > 0);
  while (rest.length > 0) {
    let written = writevSync(handle, rest.slice(0, 1000));
    if (written === 0) throw Object.assign(new Error('No bytes could be written.'), { code: 'ENOSPC' });
    let done = 0;
    while (done < rest.length && written >= rest[done]!.length) written -= rest[done++]!.length;
    rest = rest.slice(done);
    if (written > 0) rest[0] = rest[0]!.subarray(written);
  }
}

function toParquet({ name, type, keyOf }: ColumnPlan, at: number, rows: EncodedRows): ParquetColumn {
  const column = rows.columns[keyOf ?? at];
  if (column === undefined) return { name, type, values: undefined };
  return { name, type, values: keyOf === undefined ? pageValues(column) : keysOf(column) };
}

function pageValues(column: EncodedColumn): PageValues {
  switch (column.kind) {
    case 'dictionary': {
      const { bytes, lengths } = utf8(column);
      return { type: 'dictionary', words: bytes, wordLengths: lengths, codes: column.codes };
    }
    case 'text':
      return { type: 'text', ...utf8(column) };
    case 'bytes':
      return { type: 'bytes', bytes: column.bytes, lengths: column.lengths };
    case 'boolean':
      return { type: 'boolean', values: column.values };
    default:
      return { type: column.kind, values: column.values };
  }
}

/** Lengths come in UTF-16 units; for ASCII those are bytes. */
function utf8({ text, lengths }: { readonly text: string; readonly lengths: Uint32Array }): { bytes: Buffer; lengths: Uint32Array } {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length === text.length) return { bytes, lengths };
  let at = 0;
  const inBytes = lengths.map((length) => {
    const value = text.slice(at, (at += length));
    return Buffer.byteLength(value, 'utf8');
  });
  return { bytes, lengths: inBytes };
}

/** The dictionary of addresses as keys; an address that is none has no key. */
function keysOf(column: EncodedColumn): PageValues | undefined {
  if (column.kind !== 'dictionary') return undefined;
  let at = 0;
  let codes = column.codes;
  const keys = Array.from(column.lengths, (length) => addressKey(column.text.slice(at, (at += length))) ?? '');
  if (keys.includes('')) codes = codes.map((code) => (code !== 0 && keys[code - 1] === '' ? 0 : code));
  if (keys.every((key) => key === '')) return undefined;
  return { type: 'dictionary', words: Buffer.from(keys.join('')), wordLengths: Uint32Array.from(keys, ({ length }) => length), codes };
}
