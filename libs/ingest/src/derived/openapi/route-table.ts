import { BoundedCache, flat } from '../../bounded-cache.js';
import type { Route } from '../route.js';

/** A path of an API description, with the methods it documents. */
export interface DocumentedPath {
  readonly template: string;
  readonly methods: readonly string[];
}

/** Finds the route of a path, or nothing where the description has none. */
export type RouteTable = (path: string) => Route | undefined;

interface Node {
  literal: Map<string, Node> | undefined;
  /** `{name}.pdf`: what stands before and behind the placeholder. */
  partials: { readonly head: string; readonly tail: string; readonly node: Node }[] | undefined;
  placeholder: Node | undefined;
  end: { readonly template: string; readonly methods: ReadonlySet<string> } | undefined;
}

const deepest = 64;
const none: Route = { template: '', objectId: undefined };

/** A tree of segments. A literal segment wins over a placeholder (OpenAPI 3.1, "Path Templating Matching"); what that leads into a dead end is tried the other way. */
export function buildRouteTable(paths: readonly DocumentedPath[]): RouteTable {
  const root = emptyNode();
  for (const { template, methods } of paths) {
    let node = root;
    for (const segment of segmentsOf(template)) node = child(node, segment);
    const upper = methods.map((method) => method.toUpperCase());
    node.end = { template, methods: new Set([...(node.end?.methods ?? []), ...upper]) };
  }
  const known = new BoundedCache<Route>(8192);
  return (path) => {
    let found = known.get(path);
    if (found === undefined) {
      found = (path.length > 2048 ? undefined : lookUp(root, segmentsOf(path), 0, undefined)) ?? none;
      known.set(path, found);
    }
    return found === none ? undefined : found;
  };
}

function lookUp(node: Node, segments: readonly string[], at: number, objectId: string | undefined): Route | undefined {
  if (at === segments.length) return node.end && { template: node.end.template, methods: node.end.methods, objectId };
  if (at >= deepest) return undefined;
  const segment = segments[at]!;
  const exact = node.literal?.get(segment);
  const found = exact && lookUp(exact, segments, at + 1, objectId);
  if (found) return found;
  for (const { head, tail, node: next } of node.partials ?? []) {
    if (segment.length <= head.length + tail.length || !segment.startsWith(head) || !segment.endsWith(tail)) continue;
    const partial = lookUp(next, segments, at + 1, flat(segment.slice(head.length, segment.length - tail.length)));
    if (partial) return partial;
  }
  // A placeholder never stands for nothing.
  if (!node.placeholder || segment === '') return undefined;
  return lookUp(node.placeholder, segments, at + 1, flat(segment));
}

/** A trailing slash is no other path. */
function segmentsOf(path: string): string[] {
  const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  return trimmed.split('/');
}

function child(node: Node, segment: string): Node {
  if (segment.includes('{')) return placeholder(node, segment);
  node.literal ??= new Map();
  let next = node.literal.get(segment);
  if (!next) node.literal.set(segment, (next = emptyNode()));
  return next;
}

function placeholder(node: Node, segment: string): Node {
  const head = segment.slice(0, segment.indexOf('{'));
  const tail = segment.slice(segment.lastIndexOf('}') + 1);
  if (head === '' && tail === '') return (node.placeholder ??= emptyNode());
  node.partials ??= [];
  let partial = node.partials.find((each) => each.head === head && each.tail === tail);
  if (!partial) node.partials.push((partial = { head, tail, node: emptyNode() }));
  // The narrower one first.
  node.partials.sort((a, b) => b.head.length + b.tail.length - a.head.length - a.tail.length);
  return partial.node;
}

function emptyNode(): Node {
  return { literal: undefined, partials: undefined, placeholder: undefined, end: undefined };
}
