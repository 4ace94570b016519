import { parsePrefix } from '../../networks/prefix.js';
import type { Confidence } from './config.js';
import type { FeedContent, FeedEntry } from './read-feed.js';

const address = /(?:ipv4|ipv6)-addr:value\s*(?:=|ISSUBSET)\s*'([^']{2,64})'/g;
// What these join, one address alone does not show.
const joined = /'\s*\]?\s*(?:AND|FOLLOWEDBY)\b|\bNOT\b|!=/;

/** The indicators of a STIX 2.1 bundle whose pattern one address alone can meet. @throws Error when it is no bundle. */
export function readStix(text: string, defaults: Omit<FeedEntry, 'prefix'>): FeedContent {
  const entries: FeedEntry[] = [];
  let skipped = 0;
  for (const object of objectsOf(JSON.parse(text))) {
    if (object['type'] !== 'indicator') continue;
    const found = object['revoked'] === true ? [] : entriesOf(object, defaults);
    if (found.length === 0) skipped++;
    entries.push(...found);
  }
  return { entries, skipped };
}

type Tree = Readonly<Record<string, unknown>>;

function objectsOf(tree: unknown): Tree[] {
  if (!isTree(tree)) throw new Error('it is no STIX bundle');
  if (tree['type'] === 'indicator') return [tree];
  if (!Array.isArray(tree['objects'])) throw new Error('it is no STIX bundle: it has no "objects"');
  return (tree['objects'] as unknown[]).filter(isTree);
}

function entriesOf(object: Tree, defaults: Omit<FeedEntry, 'prefix'>): FeedEntry[] {
  const { pattern } = object;
  if (typeof pattern !== 'string' || pattern.length > 1_000_000 || joined.test(pattern)) return [];
  const confidence = confidenceOf(object['confidence']) ?? defaults.confidence;
  const from = timeOf(object['valid_from']) ?? defaults.from;
  const until = timeOf(object['valid_until']) ?? defaults.until;
  return [...pattern.matchAll(address)].flatMap(([, text]) => {
    const prefix = parsePrefix(text!);
    return prefix ? [{ prefix, confidence, from, until }] : [];
  });
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
