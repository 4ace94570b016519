import { Event, type EventIdentity, type JsonObject, type JsonValue } from './event.js';
import type { FieldIndex, FieldValue } from './field.js';

/** What {@link eventOfDocument} reads of a document beside its fields. Whoever fetches parts of documents fetches these. */
export const documentBase = [
  '@timestamp',
  'event.id',
  'event.kind',
  'event.created',
  'related.ip',
  'gatewatch.source.name',
  'gatewatch.offset',
  'gatewatch.arrival',
] as const;
const ofBase = new Set<string>(documentBase);

/**
 * The event that an ECS document of Gatewatch was made of, `toDocument` read backwards: equal in id, times, source and values, as far as the document has them.
 * Fields that `index` knows become values, others stay a tree in `extra`.
 * @param offset stands for the document's own, where documents of several logs are put into one order.
 */
export function eventOfDocument(document: JsonObject, index: FieldIndex, offset?: number): Event {
  const event = treeAt(document, 'event');
  const gatewatch = treeAt(document, 'gatewatch');
  const source = treeAt(gatewatch, 'source')['name'];
  const made = new Event(
    offset ?? (gatewatch['offset'] as number),
    Date.parse(gatewatch['arrival'] as string),
    typeof source === 'string' ? source : '',
    identityOf(event['id'] as string),
    index.size,
  );
  made.time = Date.parse(document['@timestamp'] as string);
  made.stamp = event['created'] === undefined ? made.time : Date.parse(event['created'] as string);
  made.extra = fill(made, { tree: document, prefix: '', index });
  return made;
}

const ofPlace = /^([a-z2-7]{12})-([0-9a-z]{9,11})$/;

/** The parts of an id, see `eventId`. An id of the sender's that looks like a place gives the same id again. */
function identityOf(id: string): EventIdentity {
  const [, tag, position] = ofPlace.exec(id) ?? [];
  return tag !== undefined ? { tag, position: parseInt(position!, 36) } : { tag: '', position: 0, own: id };
}

/** Takes what has a slot, and gives what is left of the tree. */
function fill(event: Event, { tree, prefix, index }: { tree: JsonObject; prefix: string; index: FieldIndex }): JsonObject | undefined {
  let left: JsonObject | undefined;
  for (const [key, value] of Object.entries(tree)) {
    const name = prefix + key;
    if (value === null || ofBase.has(name)) continue;
    const slot = index.find(name);
    if (slot !== undefined && isFieldValue(value)) event.values[slot] = value;
    else {
      const rest = isTree(value) ? fill(event, { tree: value, prefix: `${name}.`, index }) : value;
      if (rest !== undefined) (left ??= {})[key] = rest;
    }
  }
  return left;
}

function isFieldValue(value: JsonValue): value is Exclude<JsonValue, JsonObject | JsonValue[]> & FieldValue {
  if (Array.isArray(value)) return value.every((one) => typeof one === 'string');
  return !isTree(value) || isPoint(value);
}

function isPoint(value: JsonObject): boolean {
  return typeof value['lat'] === 'number' && typeof value['lon'] === 'number';
}

function treeAt(tree: JsonObject, key: string): JsonObject {
  const value = tree[key];
  return isTree(value) ? value : {};
}

function isTree(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
