/** Numbers the sets of detections that matched together in a block: few, however many events. */
export class MatchedSets {
  readonly sets: number[][] = [[]];
  readonly #single = new Map<number, number>();
  readonly #several = new Map<string, number>();

  /** The number of the set in the first `count` places. */
  of(found: Int32Array, count: number): number {
    if (count === 0) return 0;
    if (count === 1) {
      const detection = found[0]!;
      return this.#single.get(detection) ?? this.#add(this.#single, detection, [detection]);
    }
    const set = Array.from(found.subarray(0, count));
    const key = set.join();
    return this.#several.get(key) ?? this.#add(this.#several, key, set);
  }

  #add<Key>(numbers: Map<Key, number>, key: Key, set: number[]): number {
    const number = this.sets.push(set) - 1;
    numbers.set(key, number);
    return number;
  }
}
