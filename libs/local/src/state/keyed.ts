import { createHash } from 'node:crypto';
import type { Database } from 'lmdb';
import type { Committer } from './committer.js';

const longestPlain = 500;
const plain = 1;
const hashed = 2;

/** Bytes by any text: keys may be long, hold NUL or be no Unicode, which lmdb's own keys may not. */
export class KeyedBytes {
  readonly #database: Database<Buffer, Buffer>;

  constructor(committer: Committer, name: string) {
    this.#database = committer.database<Buffer, Buffer>(name, 'binary', true);
  }

  /** Only inside a change. */
  put(key: string, value: Uint8Array): void {
    const stored = storedKey(key);
    this.#database.putSync(stored, stored[0] === plain ? bytesOf(value) : withKey(key, value));
  }

  /** Only inside a change. */
  remove(key: string): void {
    this.#database.removeSync(storedKey(key));
  }

  get(key: string): Buffer | undefined {
    const stored = storedKey(key);
    const value = this.#database.getBinary(stored);
    return value === undefined || stored[0] === plain ? value : splitKey(value)[1];
  }

  *entries(): Iterable<readonly [key: string, value: Buffer]> {
    for (const { key, value } of this.#database.getRange({})) {
      yield key[0] === plain ? [key.toString('utf8', 1), value] : splitKey(value);
    }
  }
}

function storedKey(key: string): Buffer {
  const text = Buffer.from(key, 'utf8');
  // A lone surrogate becomes U+FFFD in UTF-8, where two keys could meet.
  if (text.length <= longestPlain && !key.includes('\ufffd') && !text.includes('\ufffd')) return Buffer.concat([Buffer.of(plain), text]);
  return Buffer.concat([Buffer.of(hashed), createHash('sha256').update(Buffer.from(key, 'utf16le')).digest()]);
}

function bytesOf(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function withKey(key: string, value: Uint8Array): Buffer {
  const text = Buffer.from(key, 'utf16le');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text, value]);
}

function splitKey(stored: Buffer): readonly [key: string, value: Buffer] {
  const end = 4 + stored.readUInt32LE(0);
  return [stored.toString('utf16le', 4, end), stored.subarray(end)];
}
