import type { Observation } from '../detection.js';
import { escaped, separator, textOf } from './group.js';
import type { Surroundings, WindowRule } from './surroundings.js';

/** What a rule that counts values takes from an event: a field's text, or the texts of several as one; empty where one of them is missing. */
export class CountedValue {
  readonly #slot: number;
  readonly #others: readonly number[];
  readonly #around: Surroundings;

  constructor({ field, otherFields = [] }: WindowRule, around: Surroundings) {
    this.#around = around;
    this.#slot = field === undefined ? -1 : around.index.slot(field);
    this.#others = otherFields.map((name) => around.index.slot(name));
  }

  text(observation: Observation): string {
    const first = this.#read(observation, this.#slot);
    if (this.#others.length === 0 || first === '') return first;
    let whole = escaped(first);
    for (const slot of this.#others) {
      const text = this.#read(observation, slot);
      if (text === '') return '';
      whole += separator + escaped(text);
    }
    return whole;
  }

  #read(observation: Observation, slot: number): string {
    return textOf(observation.values[slot] ?? this.#around.host.resolve(observation, slot));
  }
}
