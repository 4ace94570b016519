import type { Exemption, RuleSet } from './sigma/rule.js';

/** The exceptions of a rule set: which of them an event meets, and how many events each kept from counting. */
export class Exempted {
  readonly #exemptions: readonly Exemption[];
  /** Number of the first detection that belongs to an exception: theirs stand at the end. */
  readonly #first: number;
  readonly #events: Map<string, number>;

  constructor({ exemptions = [], detections }: RuleSet) {
    this.#exemptions = exemptions;
    this.#first = detections.length - exemptions.length;
    this.#events = new Map(exemptions.flatMap(({ name }) => (name === undefined ? [] : [[name, 0]])));
  }

  /** Those among the detections that were found, which are rising numbers. */
  of(found: Int32Array, count: number): readonly Exemption[] | undefined {
    if (this.#exemptions.length === 0) return undefined;
    let own: Exemption[] | undefined;
    for (let i = count - 1; i >= 0 && found[i]! >= this.#first; i--) (own ??= []).push(this.#exemptions[found[i]! - this.#first]!);
    return own;
  }

  /** Whether an event does not count for a rule; that is counted. */
  keeps(own: readonly Exemption[], rule: string, time: number): boolean {
    const found = own.find(({ rules, until }) => time < until && (rules === undefined || rules.has(rule)));
    if (found?.name !== undefined) this.#events.set(found.name, (this.#events.get(found.name) ?? 0) + 1);
    return found !== undefined;
  }

  /** Events that were kept from counting, by the name of the exception. */
  counts(): Record<string, number> {
    return Object.fromEntries(this.#events);
  }

  restore(counts: Readonly<Record<string, number>>): void {
    for (const name of this.#events.keys()) this.#events.set(name, counts[name] ?? 0);
  }
}
