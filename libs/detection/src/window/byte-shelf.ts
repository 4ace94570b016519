import { grown } from './key-table.js';

/** Room is given in cells of so many bytes, from chunks. */
const cell = 8;
const chunkCells = 32_768;
/** Longer ones are not taken. */
const longest = 4096;

/**
 * A few bytes for each of many numbers. Room that was given back is taken again for what needs as many cells: nothing is ever moved. Memory is the sum,
 * over lengths, of the most that there were of each at a time, and some 16 bytes a number.
 */
export class ByteShelf {
  readonly #chunks: Buffer[] = [];
  /** By number: its first cell and one, 0 for none; and its length. */
  #places = new Int32Array(64);
  #sizes = new Int32Array(64);
  /** By amount of cells: the first free room and one. Each begins with the next. */
  readonly #free = new Int32Array(longest / cell + 1);
  #next = 0;

  has(number: number): boolean {
    return number < this.#places.length && this.#places[number]! > 0;
  }

  /** Takes a copy. False, and nothing is kept, for more than 4,096 bytes. */
  put(number: number, bytes: Uint8Array): boolean {
    if (bytes.length > longest) return false;
    this.drop(number);
    if (number >= this.#places.length) {
      this.#places = grown(this.#places, number + 1);
      this.#sizes = grown(this.#sizes, number + 1);
    }
    const place = this.#room(cellsOf(bytes.length));
    this.#chunk(place).set(bytes, at(place));
    this.#places[number] = place + 1;
    this.#sizes[number] = bytes.length;
    return true;
  }

  /** What was put: a view, valid until the next `put` or `drop`. */
  get(number: number): Uint8Array | undefined {
    if (!this.has(number)) return undefined;
    const place = this.#places[number]! - 1;
    return this.#chunk(place).subarray(at(place), at(place) + this.#sizes[number]!);
  }

  drop(number: number): void {
    if (!this.has(number)) return;
    const place = this.#places[number]! - 1;
    const cells = cellsOf(this.#sizes[number]!);
    this.#chunk(place).writeInt32LE(this.#free[cells]!, at(place));
    this.#free[cells] = place + 1;
    this.#places[number] = 0;
  }

  #room(cells: number): number {
    const freed = this.#free[cells]! - 1;
    if (freed >= 0) {
      this.#free[cells] = this.#chunk(freed).readInt32LE(at(freed));
      return freed;
    }
    if (this.#next % chunkCells === 0 || (this.#next % chunkCells) + cells > chunkCells) {
      this.#next = this.#chunks.length * chunkCells;
      this.#chunks.push(Buffer.allocUnsafeSlow(chunkCells * cell));
    }
    const place = this.#next;
    this.#next += cells;
    return place;
  }

  #chunk(place: number): Buffer {
    return this.#chunks[Math.floor(place / chunkCells)]!;
  }
}

function at(place: number): number {
  return (place % chunkCells) * cell;
}

function cellsOf(size: number): number {
  return Math.max(1, Math.ceil(size / cell));
}
