import { fields, type Field, type JsonObject } from '#ecs';

/** What the cluster offers beyond the least that is needed. */
export interface MappingFeatures {
  /** `match_only_text`: the type of `message` in ECS. Searched as `text`, which stands in for it. */
  readonly matchOnlyText: boolean;
}

/** ECS's bound for keywords; longer values stay in the document and are not found by exact value. */
const keywordLength = 1024;
/** Longest keyword in characters that fits Lucene's 32,766 bytes whatever the characters are. */
const longestKeyword = 8191;

/** Text from outside that is often longer than a keyword, and is what an analyst looks for. */
const longKeywords = new Set([
  'url.original',
  'url.path',
  'url.query',
  'http.request.referrer',
  'user_agent.original',
  'gatewatch.url.decoded',
  'gatewatch.route',
]);

/** Sentences: words are searched; the whole is a keyword beside them. */
export const textFields: ReadonlySet<string> = new Set(['message', 'error.message']);

/** Kept and shown, as in ECS, but not searched: what is in it stands in other fields. */
export const unsearched: ReadonlySet<string> = new Set(['event.original']);

/** Fields of event documents that are not in the event table. */
const eventBase: Readonly<Record<string, JsonObject>> = {
  '@timestamp': { type: 'date' },
  'event.id': { type: 'keyword', ignore_above: keywordLength },
  'event.kind': { type: 'keyword', ignore_above: keywordLength },
  'event.created': { type: 'date' },
  'related.ip': { type: 'ip' },
  'gatewatch.source.name': { type: 'keyword', ignore_above: keywordLength },
  'gatewatch.offset': { type: 'long' },
  'gatewatch.arrival': { type: 'date' },
  'gatewatch.extra': { type: 'flattened', ignore_above: keywordLength, depth_limit: 20 },
};

function typeOf({ name, type }: Field, features: MappingFeatures): JsonObject {
  if (unsearched.has(name)) return { type: 'keyword', index: false, doc_values: false };
  if (textFields.has(name)) {
    const text: JsonObject = features.matchOnlyText ? { type: 'match_only_text' } : { type: 'text', norms: false };
    return { ...text, fields: { keyword: { type: 'keyword', ignore_above: longestKeyword } } };
  }
  if (type === 'flattened') return { type, ignore_above: keywordLength };
  if (type !== 'keyword') return { type };
  return { type, ignore_above: longKeywords.has(name) ? longestKeyword : keywordLength };
}

/** Mappings of events, from the event table. Nothing else is ever mapped: a sender's field names cannot make the mapping grow. */
export function eventMappings(features: MappingFeatures): JsonObject {
  const flat = { ...eventBase, ...Object.fromEntries(fields.map((field) => [field.name, typeOf(field, features)])) };
  // The copy is for the index; the document has these fields under their own names.
  return { dynamic: false, _source: { excludes: ['gatewatch.extra'] }, properties: asTree(flat) };
}

const keyword: JsonObject = { type: 'keyword', ignore_above: keywordLength };
const kept: JsonObject = { type: 'keyword', index: false, doc_values: false };

export function deadLetterMappings(features: MappingFeatures): JsonObject {
  return {
    dynamic: false,
    properties: asTree({
      '@timestamp': { type: 'date' },
      'event.id': keyword,
      'event.kind': keyword,
      'event.original': kept,
      'error.code': keyword,
      'error.message': typeOf({ name: 'error.message', type: 'keyword' }, features),
      'gatewatch.source.name': keyword,
      'gatewatch.offset': { type: 'long' },
      'gatewatch.dead_letter.reason': keyword,
      'gatewatch.dead_letter.raw': kept,
    }),
  };
}

export function signalMappings(features: MappingFeatures): JsonObject {
  return {
    dynamic: false,
    properties: asTree({
      '@timestamp': { type: 'date' },
      message: typeOf({ name: 'message', type: 'keyword' }, features),
      tags: keyword,
      'event.id': keyword,
      'event.kind': keyword,
      'event.start': { type: 'date' },
      'event.end': { type: 'date' },
      'event.created': { type: 'date' },
      'event.severity': { type: 'long' },
      'event.reason': keyword,
      'rule.id': keyword,
      'rule.name': keyword,
      'rule.version': keyword,
      'rule.category': keyword,
      'rule.description': keyword,
      'rule.author': keyword,
      'rule.reference': keyword,
      'threat.framework': keyword,
      'threat.technique.id': keyword,
      'related.ip': { type: 'ip' },
      'related.user': keyword,
      'source.ip': { type: 'ip' },
      'user.name': keyword,
      'url.path': { type: 'keyword', ignore_above: longestKeyword },
      'gatewatch.signal.status': keyword,
      'gatewatch.signal.revision': { type: 'long' },
      'gatewatch.signal.merged_into': keyword,
      'gatewatch.signal.level': keyword,
      'gatewatch.signal.group': { type: 'flattened', ignore_above: keywordLength },
      'gatewatch.signal.count': { type: 'long' },
      'gatewatch.signal.distinct': { type: 'long' },
      'gatewatch.signal.asks': keyword,
      'gatewatch.signal.evidence.offset': { type: 'long' },
      'gatewatch.signal.evidence.id': keyword,
      'gatewatch.signal.provenance.rule': keyword,
      'gatewatch.signal.provenance.config': keyword,
      'gatewatch.signal.provenance.rules': keyword,
      'gatewatch.signal.provenance.data': { type: 'flattened', ignore_above: keywordLength },
      'gatewatch.signal.provenance.complete': { type: 'boolean' },
      'gatewatch.signal.record': kept,
    }),
  };
}

/** Read as it was written, never searched by its fields. */
export const coverageMappings: JsonObject = {
  dynamic: false,
  properties: { place: { type: 'keyword' }, part: { type: 'object', enabled: false } },
};

export const markMappings: JsonObject = {
  dynamic: false,
  properties: { task: { type: 'keyword' }, mark: { type: 'long' }, balance: { type: 'object', enabled: false } },
};

/** `{ 'source.ip': t }` → `{ source: { properties: { ip: t } } }`. */
function asTree(flat: Readonly<Record<string, JsonObject>>): JsonObject {
  const tree: JsonObject = {};
  for (const [name, type] of Object.entries(flat)) {
    const path = name.split('.');
    let node = tree;
    for (const key of path.slice(0, -1)) {
      const next = (node[key] ??= { properties: {} }) as { properties: JsonObject };
      node = next.properties;
    }
    node[path.at(-1)!] = type;
  }
  return tree;
}
