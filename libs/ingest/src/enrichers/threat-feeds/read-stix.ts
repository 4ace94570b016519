import { parsePrefix } from '../../networks/prefix.js';
import type { Confidence } from './config.js';
import { addressesOf } from './stix-pattern.js';
import { PrefixList } from '../../networks/prefix-list.js';
import { isBelievable, type FeedContent, type FeedGroup, type Validity } from './feed-content.js';

/** The indicators of a STIX 2.1 bundle whose pattern one address alone can meet. @throws Error when it is no bundle. */
export function readStix(text: string, usual: Validity): FeedContent {
  const groups: FeedGroup[] = [];
  let skipped = 0;
  for (const object of latestOf(objectsOf(JSON.parse(text)))) {
    const group = object['revoked'] === true ? undefined : groupOf(object, usual);
    if (group) groups.push(group);
    else skipped++;
  }
  return { groups, skipped };
}

type Tree = Readonly<Record<string, unknown>>;

function objectsOf(tree: unknown): Tree[] {
  if (!isTree(tree)) throw new Error('it is no STIX bundle');
  if (tree['type'] === 'indicator') return [tree];
  if (!Array.isArray(tree['objects'])) throw new Error('it is no STIX bundle: it has no "objects"');
  return (tree['objects'] as unknown[]).filter(isTree);
}

/** The indicators, each in its latest version: an older one beside it says what was (STIX 2.1, 3.6). */
function latestOf(objects: readonly Tree[]): Iterable<Tree> {
  const latest = new Map<unknown, Tree>();
  for (const object of objects) {
    if (object['type'] !== 'indicator') continue;
    const id = object['id'] ?? object;
    const known = latest.get(id);
    if (!known || (timeOf(known['modified']) ?? 0) <= (timeOf(object['modified']) ?? 0)) latest.set(id, object);
  }
  return latest.values();
}

/** Of what does no harm, or nothing is known (STIX 2.1, 10.6). */
function isHarmless({ indicator_types: kinds }: Tree): boolean {
  return Array.isArray(kinds) && kinds.length > 0 && kinds.every((kind) => kind === 'benign');
}

function groupOf(object: Tree, usual: Validity): FeedGroup | undefined {
  const { pattern, pattern_type: kind = 'stix' } = object;
  if (typeof pattern !== 'string' || pattern.length > 1_000_000 || kind !== 'stix' || isHarmless(object)) return undefined;
  const networks = new PrefixList();
  for (const text of addressesOf(pattern) ?? []) {
    const prefix = parsePrefix(text);
    if (prefix && isBelievable(prefix)) networks.add(prefix);
  }
  if (networks.size === 0) return undefined;
  return {
    networks,
    confidence: confidenceOf(object['confidence']) ?? usual.confidence,
    from: timeOf(object['valid_from']) ?? usual.from,
    until: timeOf(object['valid_until']) ?? usual.until,
  };
}

/** 0 to 100 as STIX 2.1, appendix A, divides it. */
function confidenceOf(value: unknown): Confidence | undefined {
  if (typeof value !== 'number') return undefined;
  return value >= 70 ? 'high' : value >= 30 ? 'medium' : 'low';
}

function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isFinite(time) ? time : undefined;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
