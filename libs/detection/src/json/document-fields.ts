import type { FieldValue, GeoPoint } from '#ecs';
import type { FieldNode } from './field-tree.js';

/** Values of one document by slot, and the rank by which each was found: a better one replaces it, an equal one (another element of a list) joins it. */
export class Found {
  readonly values: FieldValue[];
  readonly #ranks = new Map<number, number>();

  constructor(size: number) {
    this.values = new Array<FieldValue>(size).fill(undefined);
  }

  put(slot: number, rank: number, value: FieldValue): void {
    const best = this.#ranks.get(slot) ?? Infinity;
    if (rank > best) return;
    this.values[slot] = rank < best ? value : [...texts(this.values[slot]), ...texts(value)];
    this.#ranks.set(slot, rank);
  }
}

/** The plain way: takes the wanted fields from a parsed document. The scanner must agree with it. */
export function collect(node: FieldNode, document: object, found: Found): void {
  for (const [key, value] of Object.entries(document) as [string, unknown][]) {
    const edge = node.edges.get(key);
    if (!edge) continue;
    for (const { slot, rank } of edge.targets) found.put(slot, rank, toFieldValue(value));
    if (!edge.next || typeof value !== 'object' || value === null) continue;
    if (!Array.isArray(value)) collect(edge.next, value, found);
    else for (const element of value as unknown[]) if (isObject(element)) collect(edge.next, element, found);
  }
}

/** A JSON value as a field holds it: lists are flattened to texts; an object that is no place on earth is there, but has no value to compare. */
export function toFieldValue(value: unknown): FieldValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (Array.isArray(value)) return scalars(value as unknown[]);
  const { lat, lon } = value as Partial<GeoPoint>;
  return typeof lat === 'number' && typeof lon === 'number' ? { lat, lon } : [];
}

function scalars(list: readonly unknown[]): string[] {
  return list
    .flat(8)
    .flatMap((item) => (typeof item === 'string' ? item : typeof item === 'number' || typeof item === 'boolean' ? String(item) : []));
}

function texts(value: FieldValue): readonly string[] {
  if (Array.isArray(value)) return value as readonly string[];
  return typeof value === 'string' ? [value] : typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : [];
}

/** Every text of a document, at any depth, for keyword searches. */
export function allTexts(value: unknown, into: string[] = []): string[] {
  const open: unknown[] = [value];
  while (open.length) {
    const next = open.pop();
    if (typeof next === 'string') into.push(next);
    else if (Array.isArray(next)) open.push(...(next as unknown[]));
    else if (isObject(next)) open.push(...(Object.values(next) as unknown[]));
  }
  return into;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
