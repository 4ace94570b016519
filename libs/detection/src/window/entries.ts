import type { ByteReader, ByteWriter } from './bytes.js';

/**
 * Events of one key in order of (time, offset), in columns of plain numbers. A third column, `marks`, is there for rule types that need a number per
 * event (the hash of a value). Appending at the end and dropping from the front are O(1) amortised. Plain arrays and not typed ones: keys come and go by the
 * thousand, and each typed array costs the garbage collector a microsecond.
 */
export class Entries {
  #times: number[] = [];
  #offsets: number[] = [];
  #marks: number[] | undefined;
  #start = 0;
  length = 0;

  constructor(marked: boolean) {
    this.#marks = marked ? [] : undefined;
  }

  time(index: number): number {
    return this.#times[this.#start + index]!;
  }

  offset(index: number): number {
    return this.#offsets[this.#start + index]!;
  }

  mark(index: number): number {
    return this.#marks ? this.#marks[this.#start + index]! : 0;
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
    if (this.#times.length === 0) {
      // The first entry in exact room: most keys have one event, and a push into an empty array makes room for 17.
      this.#times = [time];
      this.#offsets = [offset];
      if (this.#marks) this.#marks = [mark];
      this.length = 1;
      return;
    }
    const at = this.#start + index;
    const end = this.#start + this.length;
    insert(this.#times, { at, end }, time);
    insert(this.#offsets, { at, end }, offset);
    if (this.#marks) insert(this.#marks, { at, end }, mark);
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
    const { length } = this;
    cut(this.#times, { from: 0, end: this.#start + length }, this.#start);
    cut(this.#offsets, { from: 0, end: this.#start + length }, this.#start);
    if (this.#marks) cut(this.#marks, { from: 0, end: this.#start + length }, this.#start);
    this.#start = 0;
  }

  /** Numbers there is room for. */
  get room(): number {
    return this.#times.length;
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
      if (this.#marks) into.number(this.mark(i));
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
      this.push(time, offset, this.#marks ? from.number() : 0);
    }
    return this;
  }

  #after(index: number, time: number, offset: number): boolean {
    const own = this.time(index);
    return own > time || (own === time && this.offset(index) > offset);
  }

  #cut(from: number, count: number): void {
    const end = this.#start + this.length;
    cut(this.#times, { from, end }, count);
    cut(this.#offsets, { from, end }, count);
    if (this.#marks) cut(this.#marks, { from, end }, count);
  }
}

// The columns keep the room they have: behind the end stand numbers without meaning.
function insert(list: number[], { at, end }: { at: number; end: number }, value: number): void {
  if (end === list.length) list.push(value);
  for (let i = end; i > at; i--) list[i] = list[i - 1]!;
  list[at] = value;
}

// `splice` would make an array of what it takes out.
function cut(list: number[], { from, end }: { from: number; end: number }, count: number): void {
  for (let i = from; i < end - count; i++) list[i] = list[i + count]!;
}
