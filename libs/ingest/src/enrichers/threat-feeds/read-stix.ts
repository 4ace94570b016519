import { parsePrefix } from '../../networks/prefix.js';
import type { Confidence } from './config.js';
import { PrefixList } from '../../networks/prefix-list.js';
import { isBelievable, type FeedContent, type FeedGroup, type Validity } from './feed-content.js';

const address = /(?:ipv4|ipv6)-addr:value\s*(?:=|ISSUBSET)\s*'([^']{2,64})'/g;
// What these join, one address alone does not show.
const joined = /'\s*\]?\s*(?:AND|FOLLOWEDBY)\b|\bNOT\b|!=/;

/** The indicators of a STIX 2.1 bundle whose pattern one address alone can meet. @throws Error when it is no bundle. */
export function readStix(text: string, usual: Validity): FeedContent {
  const groups: FeedGroup[] = [];
  let skipped = 0;
  for (const object of objectsOf(JSON.parse(text))) {
    if (object['type'] !== 'indicator') continue;
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

function groupOf(object: Tree, usual: Validity): FeedGroup | undefined {
  const { pattern } = object;
  if (typeof pattern !== 'string' || pattern.length > 1_000_000 || joined.test(pattern)) return undefined;
  const networks = new PrefixList();
  for (const [, text] of pattern.matchAll(address)) {
    const prefix = parsePrefix(text!);
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
