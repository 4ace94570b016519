import type { Path, Place } from './problem.js';

/** A configuration before it is validated: plain values, and for each of them where it was written. */
export class Tree {
  root: unknown = {};
  /** Values that came from the environment as text: they become a number or boolean only where the schema asks for one. */
  readonly soft = new Map<string, { readonly path: Path; readonly origin: string }>();
  /** Paths with a problem that was told already: what the schema says about them would be noise. */
  readonly #broken: Path[] = [];
  readonly #places = new Map<string, { readonly key: Place; readonly value: Place }>();
  readonly #whole: Place;

  constructor(file: string) {
    this.#whole = { file };
  }

  at(path: Path): unknown {
    let node = this.root;
    for (const step of path) node = isContainer(node) && Object.hasOwn(node, step) ? node[step] : undefined;
    return node;
  }

  /** Sets a value; the containers above it must be there. */
  set(path: Path, value: unknown): void {
    if (path.length === 0) this.root = value;
    else (this.at(path.slice(0, -1)) as Container)[path.at(-1)!] = value;
  }

  remove(path: Path): void {
    const above = this.at(path.slice(0, -1));
    if (isContainer(above)) delete above[path.at(-1)!];
  }

  writtenAt(path: Path, key: Place, value: Place = key): void {
    this.#places.set(keyOf(path), { key, value });
  }

  /** Where the value was written, else the nearest thing around it. */
  placeOf(path: Path, part: 'key' | 'value' = 'value'): Place {
    const own = this.#places.get(keyOf(path));
    if (own) return own[part];
    return path.length === 0 ? this.#whole : this.placeOf(path.slice(0, -1), 'key');
  }

  breakAt(path: Path): void {
    this.#broken.push(path);
  }

  isBroken(path: Path): boolean {
    return this.#broken.some((broken) => broken.every((step, i) => path[i] === step));
  }
}

type Container = Record<string | number, unknown>;

export function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null && (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype);
}

export function keyOf(path: Path): string {
  return JSON.stringify(path);
}
