import type { ByteReader, ByteWriter } from './bytes.js';

/** Fewest entries that room is made for at once, when the first one is not alone any more. */
const leastGrowth = 3;

/**
 * Events of one key in order of (time, offset). A third number, the `mark`, is there for rule types that need one per event (the hash of a value).
 * Appending at the end and dropping from the front are O(1) amortised. One plain array, entry after entry, and not typed ones or one for each column: keys come and
 * go by the thousand, each array is a header of its own, and each typed array costs the garbage collector a microsecond.
 */
export class Entries {
  /** Times, offsets and marks in turn; behind the last entry stand numbers without meaning. */
  #numbers: number[] = none;
  readonly #width: 2 | 3;
  #start = 0;
  length = 0;

  constructor(marked: boolean) {
    this.#width = marked ? 3 : 2;
  }

  time(index: number): number {
    return this.#numbers[(this.#start + index) * this.#width]!;
  }

  offset(index: number): number {
    return this.#numbers[(this.#start + index) * this.#width + 1]!;
  }

  mark(index: number): number {
    return this.#width === 3 ? this.#numbers[(this.#start + index) * 3 + 2]! : 0;
  }

  /** Where an entry belongs: behind every entry that is not after it. */
  place(time: number, offset: number): number {
    let low = 0;
    let high = this.length;
    if (high > 0 && !this.#after(high - 1, time, offset)) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#after(middle, time, offset)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** First index whose time is above `time`. */
  above(time: number): number {
    return this.place(time, Infinity);
  }

  push(time: number, offset: number, mark = 0): void {
    this.insert(this.length, time, offset, mark);
  }

  // Four numbers rather than an object: this is the innermost place of a flood.
  insert(index: number, time: number, offset: number, mark: number): void {
    const width = this.#width;
    if (this.#numbers === none) {
      // The first entry in exact room: most keys have one event, and a push into an empty array makes room for 17.
      this.#numbers = width === 3 ? [time, offset, mark] : [time, offset];
      this.length = 1;
      return;
    }
    const end = (this.#start + this.length) * width;
    if (end === this.#numbers.length) this.#widen();
    const numbers = this.#numbers;
    const at = (this.#start + index) * width;
    for (let i = end - 1; i >= at; i--) numbers[i + width] = numbers[i]!;
    numbers[at] = time;
    numbers[at + 1] = offset;
    if (width === 3) numbers[at + 2] = mark;
    this.length++;
  }

  remove(index: number, count = 1): void {
    if (count <= 0) return;
    if (index === 0) {
      this.dropFront(count);
      return;
    }
    this.#cut(this.#start + index, count);
    this.length -= count;
  }

  dropFront(count: number): void {
    this.#start += count;
    this.length -= count;
    if (this.length > 0 && (this.#start < 32 || this.#start < this.length)) return;
    const dropped = this.#start;
    this.#start = 0;
    this.#cut(0, dropped, dropped + this.length);
  }

  /** Entries there is room for. */
  get room(): number {
    return this.#numbers.length / this.#width;
  }

  /** Drops entries before `time` and tells how many. */
  dropBefore(time: number): number {
    let count = 0;
    while (count < this.length && this.time(count) < time) count++;
    if (count > 0) this.dropFront(count);
    return count;
  }

  write(into: ByteWriter): void {
    into.whole(this.length);
    let time = 0;
    let offset = 0;
    for (let i = 0; i < this.length; i++) {
      into.number(this.time(i) - time);
      // Offsets do not rise with time: the difference is folded to a whole number of at least 0.
      const step = this.offset(i) - offset;
      into.whole(step < 0 ? -step * 2 - 1 : step * 2);
      if (this.#width === 3) into.number(this.mark(i));
      time = this.time(i);
      offset = this.offset(i);
    }
  }

  read(from: ByteReader): this {
    const count = from.whole();
    let time = 0;
    let offset = 0;
    for (let i = 0; i < count; i++) {
      time += from.number();
      const step = from.whole();
      offset += step % 2 === 0 ? step / 2 : -(step + 1) / 2;
      this.push(time, offset, this.#width === 3 ? from.number() : 0);
    }
    return this;
  }

  #after(index: number, time: number, offset: number): boolean {
    const own = this.time(index);
    return own > time || (own === time && this.offset(index) > offset);
  }

  /** Room for half as many again, exactly: `push` would make room for 16 more. */
  #widen(): void {
    const more = Math.max(leastGrowth, this.#numbers.length / this.#width / 2) | 0;
    this.#numbers = this.#numbers.concat(new Array<number>(more * this.#width).fill(empty));
  }

  // `splice` would make an array of what it takes out. The list keeps the room it has.
  #cut(from: number, count: number, end = this.#start + this.length): void {
    const numbers = this.#numbers;
    const width = this.#width;
    const step = count * width;
    for (let i = from * width; i < (end - count) * width; i++) numbers[i] = numbers[i + step]!;
  }
}

/** What has no entries yet. Never written to. */
const none: number[] = [];
/** Not a small integer, so that V8 keeps an array of it as plain doubles from the start. */
const empty = 0.5;
