import { randomBytes } from 'node:crypto';

/**
 * Group keys by number: each text is kept once, however many rules group by the same names. Open addressing over numbers: about 50 bytes a key
 * with the text, where a `Map` takes 100.
 */
export class KeyTable {
  #buckets = new Int32Array(64);
  readonly #texts: (string | undefined)[] = [];
  #hashes = new Int32Array(64);
  #uses = new Int32Array(64);
  readonly #free: number[] = [];
  #live = 0;
  #graves = 0;

  get size(): number {
    return this.#live;
  }

  text(id: number): string {
    return this.#texts[id]!;
  }

  /** The number of a key, made if it is new: then `uses` is 0 and somebody has to `hold` it or give it back with `release`. */
  id(text: string): number {
    const hash = hashOf(text);
    let bucket = hash & (this.#buckets.length - 1);
    for (;;) {
      const found = this.#buckets[bucket]!;
      if (found === 0) break;
      if (found > 0 && this.#hashes[found - 1] === hash && this.#texts[found - 1] === text) return found - 1;
      bucket = (bucket + 1) & (this.#buckets.length - 1);
    }
    return this.#add(text, hash);
  }

  uses(id: number): number {
    return this.#uses[id]!;
  }

  hold(id: number): void {
    this.#uses[id] = this.#uses[id]! + 1;
  }

  /** One user less; a key without users is forgotten. */
  release(id: number): void {
    if (this.#texts[id] === undefined) return;
    const left = this.#uses[id]! - 1;
    this.#uses[id] = Math.max(left, 0);
    if (left > 0) return;
    let bucket = this.#hashes[id]! & (this.#buckets.length - 1);
    while (this.#buckets[bucket] !== id + 1) bucket = (bucket + 1) & (this.#buckets.length - 1);
    this.#buckets[bucket] = -1;
    this.#texts[id] = undefined;
    this.#free.push(id);
    this.#live--;
    this.#graves++;
  }

  #add(text: string, hash: number): number {
    if ((this.#live + this.#graves + 1) * 3 > this.#buckets.length * 2) this.#rehash();
    const id = this.#free.pop() ?? this.#texts.length;
    if (id === this.#hashes.length) {
      this.#hashes = grown(this.#hashes, id + 1);
      this.#uses = grown(this.#uses, id + 1);
    }
    this.#texts[id] = ownCopy(text);
    this.#hashes[id] = hash;
    this.#uses[id] = 0;
    this.#place(id, hash);
    this.#live++;
    return id;
  }

  #place(id: number, hash: number): void {
    let bucket = hash & (this.#buckets.length - 1);
    while (this.#buckets[bucket]! > 0) bucket = (bucket + 1) & (this.#buckets.length - 1);
    if (this.#buckets[bucket] === -1) this.#graves--;
    this.#buckets[bucket] = id + 1;
  }

  #rehash(): void {
    let size = 64;
    while (size * 2 < (this.#live + 1) * 4) size *= 2;
    this.#buckets = new Int32Array(size);
    this.#graves = 0;
    for (let id = 0; id < this.#texts.length; id++) if (this.#texts[id] !== undefined) this.#place(id, this.#hashes[id]!);
  }
}

/** A typed array with room for `least` numbers, at least half as large again as before. */
export function grown<T extends Int32Array | Float64Array | Uint8Array>(array: T, least: number): T {
  const size = Math.max(least, array.length + Math.ceil(array.length / (array.length < 65_536 ? 1 : 2)));
  const made = new (array.constructor as new (size: number) => T)(size);
  made.set(array);
  return made;
}

// Differs per process, so that nobody can write keys that all fall into one bucket. It decides places only, never results.
const seed = randomBytes(4).readInt32LE();

function hashOf(text: string): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

/** V8 keeps the whole chunk alive for each slice of it: what is kept is copied. */
export function ownCopy(text: string): string {
  // eslint-disable-next-line no-control-regex -- the range of Latin-1 begins with NUL
  const encoding = /^[\x00-\xff]*$/.test(text) ? 'latin1' : 'utf16le';
  return Buffer.from(text, encoding).toString(encoding);
}
