import type { Place } from './documents.js';
import { didYouMean } from './nearest.js';

/**
 * Ids and names of rules. Ids are unique; a name is unique in its file, and elsewhere it must be unique to be referred to: authors reuse
 * `selection_events` and the like in every file.
 */
export class RuleNames {
  readonly #ids = new Set<string>();
  readonly #names = new Map<string, { readonly file: string; readonly id: string }[]>();

  /** Tells what was there already. */
  add(file: string, id: string, name: string | undefined): 'id' | 'name' | undefined {
    if (this.#ids.has(id)) return 'id';
    this.#ids.add(id);
    if (name === undefined) return undefined;
    const there = this.#names.get(name) ?? [];
    if (there.some((rule) => rule.file === file)) return 'name';
    this.#names.set(name, [...there, { file, id }]);
    return undefined;
  }

  /** The id of the rule that a document means, or a problem at the place. */
  find(name: string, place: Place): string | undefined {
    if (this.#ids.has(name)) return name;
    const there = this.#names.get(name) ?? [];
    const own = there.find(({ file }) => file === place.document.file);
    if (own) return own.id;
    if (there.length > 1)
      return place.fail(
        `name '${name}' is given to ${there.length} rules, in ${there.map(({ file }) => file).join(' and ')}: refer to the id`,
      );
    return there[0]?.id ?? place.fail(`no rule has the id or name '${name}'${didYouMean(name, [...this.#names.keys(), ...this.#ids])}`);
  }
}
