/**
 * Seeded random numbers: the same seed gives the same sequence on every machine (sfc32 over 32-bit integers, no floating point state).
 * Not for secrets.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#a = seed | 0;
    this.#b = Math.imul(seed | 0, 0x9e3779b1) ^ 0x243f6a88;
    this.#c = 0xb7e15162 | 0;
    for (let i = 0; i < 16; i++) this.bits();
  }

  /** 32 random bits as a signed integer. */
  bits(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum;
  }

  /** At least 0, below 1. */
  next(): number {
    return (this.bits() >>> 0) / 4294967296;
  }

  /** A whole number, at least 0, below `limit`. */
  int(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.int(high - low + 1);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.int(choices.length)]!;
  }

  /** An independent sequence, so that one part of the day can change without changing the others. */
  fork(name: number): Random {
    return new Random(mix(this.bits() ^ Math.imul(name + 1, 0x85ebca6b)));
  }
}

/** Spreads the bits of a 32-bit integer, so that neighbours look unrelated. */
export function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return (bits ^ (bits >>> 16)) >>> 0;
}
