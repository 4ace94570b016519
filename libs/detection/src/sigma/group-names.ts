import type { CorrelationSection } from './correlation-section.js';
import type { Mapping } from './pipelines.js';

interface Lookup {
  idOf(name: string): string | undefined;
  mappingOf(id: string): Mapping;
  readonly inputs: readonly string[];
}

/** What the group-by and `field` names of a correlation are called in the events of each input: by its aliases, else by the inputs' mapping. */
export class GroupNames {
  readonly #fields = new Map<string, string>();
  /** Names by which the correlation knows a group: as written where inputs call it differently. */
  readonly #shown = new Map<string, string>();

  constructor(
    { aliases, groupBy, field, otherFields = [] }: CorrelationSection,
    private readonly lookup: Lookup,
  ) {
    const { inputs } = lookup;
    // A rule may be named by its id in `rules` and by its name in `aliases`, or the other way round.
    for (const [alias, byRule] of Object.entries(aliases)) {
      this.#shown.set(alias, alias);
      for (const [name, aliased] of Object.entries(byRule)) {
        const id = lookup.idOf(name);
        if (id !== undefined) this.#fields.set(`${alias}\n${id}`, lookup.mappingOf(id).field(aliased));
      }
    }
    for (const name of [...groupBy, ...(field === undefined ? [] : [field]), ...otherFields]) {
      if (this.#shown.has(name)) continue;
      const mapped = new Set(inputs.map((id) => lookup.mappingOf(id).field(name)));
      const shown = mapped.size === 1 ? [...mapped][0]! : name;
      this.#shown.set(name, shown);
      if (mapped.size > 1) for (const id of inputs) this.#fields.set(`${name}\n${id}`, lookup.mappingOf(id).field(name));
    }
  }

  shown(name: string): string {
    return this.#shown.get(name) ?? name;
  }

  fieldOf(shown: string, input: string): string {
    return this.#fields.get(`${shown}\n${input}`) ?? shown;
  }

  /** A problem where inputs call the counted field differently: it is read under one name. */
  differing(name: string): string | undefined {
    const names = new Set(this.lookup.inputs.map((id) => this.fieldOf(this.shown(name), id)));
    if (names.size < 2) return undefined;
    return `field '${name}' is ${[...names].join(' and ')} in the events of the rules: count one field that all of them have`;
  }
}
