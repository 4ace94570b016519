import type { ByteReader, ByteWriter } from './bytes.js';

const precision = 10;
const registers = 1 << precision;

/**
 * How many distinct values: exact up to `exact`, then HyperLogLog with 1,024 registers (standard error 3.25 %). It depends on the set of values only,
 * never on their order, since the exact values are poured into the sketch when it begins.
 */
export class DistinctCount {
  readonly #exact: number;
  #values: Set<number> | undefined = new Set();
  #ranks: Uint8Array | undefined;

  constructor(exact: number) {
    this.#exact = exact;
  }

  /** `hash` is a whole number of 53 well-mixed bits. */
  add(hash: number): void {
    if (this.#ranks) {
      this.#rank(hash);
      return;
    }
    this.#values!.add(hash);
    if (this.#values!.size > this.#exact) this.#pour();
  }

  merge(other: DistinctCount): void {
    for (const hash of other.#values ?? []) this.add(hash);
    if (!other.#ranks) return;
    if (!this.#ranks) this.#pour();
    const own = this.#ranks!;
    for (let i = 0; i < registers; i++) if (other.#ranks[i]! > own[i]!) own[i] = other.#ranks[i]!;
  }

  get count(): number {
    if (!this.#ranks) return this.#values!.size;
    let sum = 0;
    let empty = 0;
    for (const rank of this.#ranks) {
      sum += 2 ** -rank;
      if (rank === 0) empty++;
    }
    const raw = ((0.7213 / (1 + 1.079 / registers)) * registers * registers) / sum;
    const estimate = raw <= 2.5 * registers && empty > 0 ? registers * Math.log(registers / empty) : raw;
    return Math.max(Math.round(estimate), this.#exact + 1);
  }

  write(into: ByteWriter): void {
    into.byte(this.#ranks ? 1 : 0);
    if (this.#ranks) for (const rank of this.#ranks) into.byte(rank);
    else {
      into.whole(this.#values!.size);
      for (const value of this.#values!) into.whole(value);
    }
  }

  read(from: ByteReader): this {
    if (from.byte() === 1) {
      this.#values = undefined;
      this.#ranks = Uint8Array.from({ length: registers }, () => from.byte());
    } else for (let left = from.whole(); left > 0; left--) this.#values!.add(from.whole());
    return this;
  }

  #pour(): void {
    const values = this.#values!;
    this.#values = undefined;
    this.#ranks = new Uint8Array(registers);
    for (const value of values) this.#rank(value);
  }

  #rank(hash: number): void {
    const register = hash % registers;
    const rest = Math.floor(hash / registers);
    // 43 bits are left: the rank is the place of the lowest bit set.
    const low = rest % 2 ** 21;
    const rank = low !== 0 ? 32 - Math.clz32(low & -low) : 21 + (32 - Math.clz32(Math.floor(rest / 2 ** 21) & -Math.floor(rest / 2 ** 21)));
    if (rank > this.#ranks![register]!) this.#ranks![register] = rank;
  }
}
