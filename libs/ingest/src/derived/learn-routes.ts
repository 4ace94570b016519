import { readRoute } from './route.js';

/** What a place in routes held that the text of an id does not show. */
export interface LearnedRoute {
  /** `/articles/{slug}/comments/{id}`. */
  readonly template: string;
  readonly calls: number;
  /** Different values at its last `{slug}`, at least so many; and some of them. */
  readonly different: number;
  readonly examples: readonly string[];
}

export interface RouteLearner {
  /** A path that was answered. */
  add(path: string): void;
  /** Routes with a slug, most called first. */
  routes(): readonly LearnedRoute[];
  /** Paths that found no room any more. */
  readonly leftOut: number;
}

interface Node {
  calls: number;
  ends: number;
  readonly children: Map<string, Node>;
  /** Children that were taken together, because there were too many to keep. */
  merged: { readonly node: Node; different: number; readonly examples: string[] } | undefined;
}

const mostChildren = 2000;
const mostNodes = 200_000;
const mostExamples = 3;
const deepest = 32;
/** A child with so large a share of the calls is a route of its own: `/articles/search`. */
const ownShare = 0.05;

/**
 * Finds slugs by cardinality: where a segment had at least `least` different texts, more than the square root of its calls, what is not called often by
 * itself is `{slug}`. Names of resources are few and called often; names of objects are many and called seldom. Ids are replaced before, as
 * `readRoute` does. Memory is bounded: of one place 2,000 texts are kept, of all 200,000.
 */
export function buildRouteLearner({ least }: { readonly least: number }): RouteLearner {
  const root = emptyNode();
  let nodes = 1;
  let leftOut = 0;

  function childOf(node: Node, segment: string): Node | undefined {
    const known = node.children.get(segment);
    if (known) return known;
    if (node.merged) return add(node.merged, segment);
    if (nodes >= mostNodes) return undefined;
    nodes++;
    const made = emptyNode();
    node.children.set(segment, made);
    if (node.children.size <= mostChildren) return made;
    nodes -= merge(node);
    return node.merged!.node;
  }

  return {
    add(path) {
      let node: Node | undefined = root;
      for (const segment of readRoute(path).template.split('/').slice(1, deepest)) {
        node.calls++;
        node = childOf(node, segment);
        if (!node) return void leftOut++;
      }
      node.calls++;
      node.ends++;
    },
    routes() {
      settle(root, least);
      const found: LearnedRoute[] = [];
      list(root, '', undefined, found);
      return found.sort((one, other) => other.calls - one.calls || (one.template < other.template ? -1 : 1));
    },
    get leftOut() {
      return leftOut;
    },
  };
}

function emptyNode(): Node {
  return { calls: 0, ends: 0, children: new Map(), merged: undefined };
}

function add(merged: NonNullable<Node['merged']>, segment: string): Node {
  // Once they are taken together it is not known which were seen: only that there are many.
  if (merged.examples.length < mostExamples) merged.examples.push(segment);
  return merged.node;
}

/** Takes children together, those called often by themselves apart. Gives how many nodes are gone. */
function merge(node: Node): number {
  node.merged ??= { node: emptyNode(), different: 0, examples: [] };
  let gone = 0;
  for (const [segment, child] of node.children) {
    if (segment === '{id}' || child.calls > node.calls * ownShare) continue;
    node.children.delete(segment);
    node.merged.different++;
    add(node.merged, segment);
    gone += absorb(node.merged.node, child);
  }
  return gone;
}

/** Adds a tree to another one. Gives how many nodes that saves. */
function absorb(into: Node, from: Node): number {
  into.calls += from.calls;
  into.ends += from.ends;
  let saved = 1;
  for (const [segment, child] of from.children) {
    const own = into.children.get(segment);
    if (own) saved += absorb(own, child);
    else into.children.set(segment, child);
  }
  if (from.merged) {
    into.merged ??= { node: emptyNode(), different: 0, examples: [] };
    into.merged.different += from.merged.different;
    saved += absorb(into.merged.node, from.merged.node);
  }
  return saved;
}

function settle(node: Node, least: number): void {
  const rare = [...node.children].filter(([segment, { calls }]) => segment !== '{id}' && calls <= node.calls * ownShare);
  const calls = rare.reduce((sum, [, child]) => sum + child.calls, 0);
  if (rare.length >= least && rare.length ** 2 > calls) merge(node);
  for (const child of node.children.values()) settle(child, least);
  if (node.merged) settle(node.merged.node, least);
}

function list(node: Node, path: string, slug: Node['merged'], into: LearnedRoute[]): void {
  if (node.ends > 0 && slug) into.push({ template: path || '/', calls: node.ends, different: slug.different, examples: slug.examples });
  for (const [segment, child] of node.children) list(child, `${path}/${segment}`, slug, into);
  if (node.merged) list(node.merged.node, `${path}/{slug}`, node.merged, into);
}
