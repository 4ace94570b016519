import type { FieldIndex } from '#ecs';
import { aliases } from './aliases.js';
import type { JsonMapping } from './mapping.js';

/** What a key of a JSON log means: a slot to fill, or a role whose value is read at the end. */
export interface Meaning {
  /** Index in `Event.values`, or -1. */
  readonly slot: number;
  /** `@time` and its like, or `undefined`. */
  readonly role: string | undefined;
  /** Of several keys for the same thing the lowest rank wins; the field's own name has 0, a mapping −1. */
  readonly rank: number;
}

/** One step of a key; keys come from JSON.parse, which interns them, so a look-up costs no hashing. */
export interface KeyNode {
  meaning: Meaning | undefined;
  children: Map<string, KeyNode> | undefined;
}

/** The tree of all known keys, dotted names split: nested and dotted documents walk it alike. */
export function keyTree(index: FieldIndex, mapping: JsonMapping | undefined): KeyNode {
  const root: KeyNode = { meaning: undefined, children: undefined };
  for (const [name, { target, rank }] of aliases) {
    const isRole = target.startsWith('@');
    put(root, name, { slot: isRole ? -1 : index.slot(target), role: isRole ? target : undefined, rank: rank + 1 });
  }
  for (const name of index.names()) put(root, name, { slot: index.slot(name), role: undefined, rank: 0 });
  put(root, '@timestamp', { slot: -1, role: '@time', rank: 0 });
  put(root, 'event.id', { slot: -1, role: '@id', rank: 1 });
  put(root, '_id', { slot: -1, role: '@id', rank: 2 });
  put(root, 'source.ip', { slot: -1, role: '@source.ip', rank: 0 });
  put(root, 'event.duration', { slot: -1, role: '@nanos', rank: 0 });
  put(root, 'log', { slot: -1, role: '@line', rank: 2 });
  // Kafka Connect's JsonConverter, with the schema beside it.
  put(root, 'payload', { slot: -1, role: '@line', rank: 4 });
  // What an application calls the event, or the line in an envelope of Splunk's HTTP Event Collector.
  put(root, 'event', { slot: -1, role: '@event', rank: 0 });
  put(root, 'event.original', { slot: -1, role: '@line', rank: 3 });
  for (const ours of ['event.kind', 'ecs.version', 'related.ip']) put(root, ours, { slot: -1, role: '@ours', rank: 0 });
  if (mapping) addMapping(root, index, mapping);
  return root;
}

function addMapping(root: KeyNode, index: FieldIndex, { fields = {}, timestamp, id }: JsonMapping): void {
  for (const [key, field] of Object.entries(fields)) {
    const role = field === '@timestamp' ? '@time' : field === 'source.ip' || field === 'source.address' ? '@address' : roles.get(field);
    put(root, key, { slot: role === undefined ? index.slot(field) : -1, role, rank: -1 });
  }
  if (timestamp) put(root, timestamp.field, { slot: -1, role: '@stamp', rank: -1 });
  if (id !== undefined) put(root, id, { slot: -1, role: '@id', rank: -1 });
}

const roles = new Map([
  ['url.original', '@target'],
  ['event.id', '@id'],
  ['event.duration', '@nanos'],
]);

function put(root: KeyNode, name: string, meaning: Meaning): void {
  let node = root;
  for (const key of name.split('.')) {
    node.children ??= new Map();
    let next = node.children.get(key);
    if (!next) node.children.set(key, (next = { meaning: undefined, children: undefined }));
    node = next;
  }
  if (!node.meaning || meaning.rank <= node.meaning.rank) node.meaning = meaning;
}
