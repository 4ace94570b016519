/** Where a field's value goes when it is found, and how good this way of finding it is: 0 is best. */
export interface Target {
  readonly slot: number;
  readonly rank: number;
  /** A text is left as it stands in the document, quotes and escapes included, a character for each byte. */
  readonly raw: boolean;
}

/** A key of an object that leads to a wanted field, or is one. */
export interface Edge {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly hash: number;
  readonly targets: Target[];
  next: FieldNode | undefined;
  /** Line in which the key was seen last: twice in one line is a repeated key. */
  seen: number;
}

/** An object of which some keys are wanted. */
export class FieldNode {
  readonly edges = new Map<string, Edge>();
  /** Open addressing by hash, at most half full; built by `seal`. */
  table: (Edge | undefined)[] = [undefined];
  mask = 0;

  edge(key: string): Edge {
    const known = this.edges.get(key);
    if (known) return known;
    const bytes = Buffer.from(key);
    const made: Edge = { key, bytes, hash: hashOf(bytes), targets: [], next: undefined, seen: 0 };
    this.edges.set(key, made);
    return made;
  }

  seal(): void {
    let size = 4;
    while (size < this.edges.size * 2) size *= 2;
    this.table = new Array<Edge | undefined>(size).fill(undefined);
    this.mask = size - 1;
    for (const edge of this.edges.values()) {
      let at = edge.hash & this.mask;
      while (this.table[at]) at = (at + 1) & this.mask;
      this.table[at] = edge;
      edge.next?.seal();
    }
  }
}

/** The hash that the scanner makes while it walks over a key. */
export function hashOf(bytes: Uint8Array): number {
  let hash = 0;
  for (const byte of bytes) hash = (Math.imul(hash, 31) + byte) | 0;
  return hash;
}

/** A wanted field: its name and other names for it, best first. */
export interface WantedField {
  readonly slot: number;
  readonly names: readonly string[];
  /** See `Target`. */
  readonly raw?: boolean;
}

const maxParts = 6;

/**
 * The tree of all keys that lead to wanted fields. `a.b.c` is found nested, as one dotted key, and in any mixture (`{"a.b": {"c": 1}}`); of several,
 * the most nested wins. A bare name is also looked for where Windows events keep it.
 */
export function buildTree(fields: readonly WantedField[]): FieldNode {
  const root = new FieldNode();
  for (const { slot, names, raw = false } of fields) {
    let rank = 0;
    const paths = names.flatMap((name) => splits(name));
    for (const path of [...paths, ...names.flatMap(windowsPaths)]) place(root, path, { slot, rank: Math.min(rank++, 254), raw });
  }
  root.seal();
  return root;
}

function place(root: FieldNode, path: readonly string[], target: Target): void {
  let node = root;
  for (const [i, key] of path.entries()) {
    const edge = node.edge(key);
    if (i === path.length - 1) {
      if (!edge.targets.some(({ slot }) => slot === target.slot)) edge.targets.push(target);
    } else node = edge.next ??= new FieldNode();
  }
}

/** Every way to write a dotted name as keys within keys, the most nested first. Names of many parts: nested or as one key. */
function splits(name: string): string[][] {
  const parts = name.split('.');
  if (parts.length > maxParts) return [parts, [name]];
  const ways: string[][] = [];
  const gaps = parts.length - 1;
  for (let joined = 0; joined < 1 << gaps; joined++) {
    const keys = [parts[0]!];
    for (let gap = 0; gap < gaps; gap++) {
      if (joined & (1 << gap)) keys[keys.length - 1] += `.${parts[gap + 1]!}`;
      else keys.push(parts[gap + 1]!);
    }
    ways.push(keys);
  }
  return ways.sort((a, b) => b.length - a.length);
}

/** Sigma's bare Windows names: event data first, then the system part; `Provider_Name` is an attribute there (specification 2.1, "Field usage"). */
function windowsPaths(name: string): string[][] {
  if (!/^[A-Za-z]\w*$/.test(name)) return [];
  const [element, attribute] = name.split(/_(.*)/s);
  const paths = [
    ['Event', 'EventData', name],
    ['Event', 'System', name, '#text'],
    ['Event', 'System', name],
    ['winlog', 'event_data', name],
  ];
  if (attribute) paths.push(['Event', 'System', element!, '#attributes', attribute]);
  return paths;
}
