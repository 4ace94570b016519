import { fields, type Event, type FieldIndex, type JsonObject, type JsonValue } from '#ecs';

/** Below Elasticsearch's limits for `flattened` (20 levels; path and value of a leaf together 32,766 bytes), so that no sender can have his event refused. */
const deepest = 16;
const longestName = 512;
const longestValue = 1024;
const mostLeaves = 200;

/**
 * The fields that the event table does not know, as a tree for the `flattened` field `gatewatch.extra`: what is too deep, too long or too much
 * stays in the document and merely cannot be searched. `undefined` if nothing is left.
 */
export function indexedExtra({ extra, values }: Event, index?: FieldIndex): JsonObject | undefined {
  const leaves = { left: mostLeaves };
  const tree: JsonObject = Object.create(null) as JsonObject;
  if (extra) Object.assign(tree, pruned(extra, { depth: 1, name: 0, leaves }));
  if (index && values.length > fields.length) {
    const names = index.names();
    for (let slot = fields.length; slot < values.length; slot++) {
      const name = names[slot];
      const kept = name === undefined ? undefined : prunedValue(values[slot] as JsonValue, { depth: 1, name: name.length, leaves });
      if (kept !== undefined && name!.length <= longestName) tree[name!] = kept;
    }
  }
  return Object.keys(tree).length ? tree : undefined;
}

interface Place {
  readonly depth: number;
  /** Characters of the path so far. */
  readonly name: number;
  readonly leaves: { left: number };
}

function pruned(tree: JsonObject, { depth, name, leaves }: Place): JsonObject | undefined {
  const kept: JsonObject = Object.create(null) as JsonObject;
  for (const [key, value] of Object.entries(tree)) {
    const path = name + key.length + 1;
    // `flattened` joins keys with a NUL, and refuses one inside.
    if (key === '' || path > longestName || key.includes('\u0000')) continue;
    const found = prunedValue(value, { depth: depth + 1, name: path, leaves });
    if (found !== undefined) kept[key] = found;
  }
  return Object.keys(kept).length ? kept : undefined;
}

function prunedValue(value: JsonValue | undefined, place: Place): JsonValue | undefined {
  if (value === null || value === undefined || place.depth > deepest || place.leaves.left <= 0) return undefined;
  if (typeof value !== 'object') {
    place.leaves.left--;
    return typeof value === 'string' && value.length > longestValue ? undefined : value;
  }
  if (!Array.isArray(value)) return pruned(value, place);
  const kept = value.flatMap((one) => prunedValue(one, { ...place, depth: place.depth + 1 }) ?? []);
  return kept.length ? kept : undefined;
}
