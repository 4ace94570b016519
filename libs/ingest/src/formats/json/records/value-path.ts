import type { JsonObject, JsonValue } from '#ecs';

/** A place in a record: keys, list positions, or `key[name=value]` for the entry of a list that says so (`target[type=User].alternateId`). */
export interface ValuePath {
  readonly text: string;
  readonly steps: readonly Step[];
}

interface Step {
  readonly key: string;
  /** The key and all that follow it, dotted: how flattened records write them. */
  readonly rest: string;
  readonly where: { readonly name: string; readonly value: string } | undefined;
  readonly last: boolean;
}

/** Reads a path as a table or a mapping file writes it. */
export function valuePath(text: string): ValuePath {
  const parts = text.match(/(?:[^.[\]]+(?:\[[^\]]*\])?|\[[^\]]*\])/g) ?? [text];
  const steps = parts.map((part, nth) => {
    const selector = /^([^[]*)\[([^=\]]+)=([^\]]*)\]$/.exec(part);
    return {
      key: selector ? selector[1]! : part,
      rest: parts.slice(nth).join('.'),
      where: selector ? { name: selector[2]!, value: selector[3]! } : undefined,
      last: nth === parts.length - 1,
    };
  });
  return { text, steps };
}

/** The value at a place, nested or flattened; `undefined` where there is none, or only an empty one (`null`, `""`, `"-"`). */
export function valueAt(tree: JsonValue, { steps }: ValuePath): JsonValue | undefined {
  let node: JsonValue = tree;
  for (const step of steps) {
    if (typeof node !== 'object' || node === null) return undefined;
    let next: JsonValue | undefined;
    if (Array.isArray(node)) {
      const position = Number(step.key);
      next = Number.isInteger(position) ? node[position] : undefined;
    } else {
      next = ownValue(node, step.key);
      if (next === undefined && !step.last) return given(ownValue(node, step.rest));
    }
    if (step.where !== undefined) next = entryOf(next, step.where.name, step.where.value);
    if (next === undefined) return undefined;
    node = next;
  }
  return given(node);
}

/** The first of several places that has a value other than the words that mean none (in lower case). */
export function firstValue(tree: JsonValue, paths: readonly ValuePath[], none?: ReadonlySet<string>): JsonValue | undefined {
  for (const path of paths) {
    const value = valueAt(tree, path);
    if (value !== undefined && !(none !== undefined && typeof value === 'string' && value.length < 64 && none.has(value.toLowerCase())))
      return value;
  }
  return undefined;
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as words are compared: text, a number or a truth value; nothing else. */
export function wordOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function given(value: JsonValue | undefined): JsonValue | undefined {
  return value === null || value === '' || value === '-' ? undefined : value;
}

/** `constructor` and its like are inherited and therefore functions: no JSON value is one. */
function ownValue(node: JsonObject, key: string): JsonValue | undefined {
  const value: unknown = node[key];
  return typeof value === 'function' || key === '__proto__' ? undefined : (value as JsonValue | undefined);
}

const longestList = 64;

/** The first entry of a list whose key has the value; case does not count. */
function entryOf(list: JsonValue | undefined, name: string, value: string): JsonValue | undefined {
  if (!Array.isArray(list)) return isObject(list) && wordOf(list[name])?.toLowerCase() === value.toLowerCase() ? list : undefined;
  const wanted = value.toLowerCase();
  return list.slice(0, longestList).find((entry) => isObject(entry) && wordOf(entry[name])?.toLowerCase() === wanted);
}
