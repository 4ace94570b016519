type Versions = Readonly<Record<string, string>>;

/** Versions of the enrichers' data, by who said so: readers of different channels may be processes that differ for a while. */
export class DataVersions {
  readonly #known: Map<string, Versions>;
  #merged: Versions | undefined;

  constructor(saved: Readonly<Record<string, Versions>>) {
    this.#known = new Map(Object.entries(saved));
  }

  set(who: string, versions: Versions): void {
    const before = this.#known.get(who);
    this.#known.set(who, versions);
    if (!before || JSON.stringify(before) !== JSON.stringify(versions)) this.#merged = undefined;
  }

  saved(): Record<string, Versions> {
    return Object.fromEntries(this.#known);
  }

  /** By enricher; where they differ all of them, sorted. Undefined where nobody has said anything. */
  merged(): Versions | undefined {
    if (this.#known.size === 0) return undefined;
    return (this.#merged ??= merge([...this.#known.values()]));
  }
}

function merge(all: readonly Versions[]): Versions {
  const found = new Map<string, Set<string>>();
  for (const versions of all) {
    for (const [name, text] of Object.entries(versions)) {
      const known = found.get(name) ?? new Set();
      // What was merged before is taken apart.
      for (const version of text.split(', ')) known.add(version);
      found.set(name, known);
    }
  }
  const names = [...found.keys()].sort();
  return Object.fromEntries(names.map((name) => [name, [...found.get(name)!].sort().join(', ')]));
}
