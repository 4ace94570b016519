import type { DeadLetter, Event, JsonObject, JsonValue } from './event.js';
import { fields, type FieldIndex, type FieldValue } from './field.js';

/** An event as an ECS document. `index` names the slots beyond the table. */
export function toDocument(event: Event, index?: FieldIndex): JsonObject {
  const document: JsonObject = {
    '@timestamp': new Date(event.time).toISOString(),
    event: { id: event.id, kind: 'event' },
    gatewatch: { source: { name: event.source }, offset: event.offset, arrival: new Date(event.arrival).toISOString() },
  };
  if (event.stamp !== event.time) put(document, 'event.created', new Date(event.stamp).toISOString());
  const names = index && index.size > fields.length ? index.names() : undefined;
  for (let slot = 0; slot < event.values.length; slot++) {
    const value = event.values[slot];
    if (value === undefined || value === null || value === '') continue;
    const field = fields[slot];
    const name = field?.name ?? names?.[slot];
    if (name === undefined) continue;
    put(document, name, field?.array && !Array.isArray(value) ? [value as JsonValue] : (value as JsonValue));
  }
  const related = relatedAddresses(event);
  if (related.length) put(document, 'related.ip', related);
  if (event.extra) mergeInto(document, event.extra);
  return document;
}

/** A dead letter as an ECS document of kind `pipeline_error`. */
export function deadLetterDocument(letter: DeadLetter): JsonObject {
  return {
    '@timestamp': new Date(letter.arrival).toISOString(),
    event: { id: letter.id, kind: 'pipeline_error', original: Buffer.from(letter.raw).toString('utf8') },
    error: { code: letter.reason, message: letter.message },
    gatewatch: {
      source: { name: letter.source },
      offset: letter.offset,
      dead_letter: { reason: letter.reason, raw: Buffer.from(letter.raw).toString('base64') },
    },
  };
}

const relatedSlots = fields.flatMap(({ name, type }, slot) => (type === 'ip' ? [{ name, slot }] : []));

function relatedAddresses(event: Event): string[] {
  const found = new Set<string>();
  for (const { slot } of relatedSlots) {
    const value: FieldValue = event.values[slot];
    if (typeof value === 'string' && value !== '') found.add(value);
  }
  return [...found];
}

/** Sets a dotted name in a tree. Keys that could reach a prototype are refused by being renamed. */
export function put(tree: JsonObject, name: string, value: JsonValue): void {
  const path = name.split('.');
  let node = tree;
  for (let i = 0; i < path.length - 1; i++) {
    const key = safeKey(path[i]!);
    const next = node[key];
    if (typeof next === 'object' && next !== null && !Array.isArray(next)) node = next;
    else node = node[key] = {};
  }
  node[safeKey(path.at(-1)!)] = value;
}

function mergeInto(target: JsonObject, extra: JsonObject): void {
  for (const [key, value] of Object.entries(extra)) {
    const name = safeKey(key);
    const present = target[name];
    if (isTree(present) && isTree(value)) mergeInto(present, value);
    else if (present === undefined) target[name] = value;
  }
}

function isTree(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function safeKey(key: string): string {
  return key === '__proto__' ? '_proto_' : key;
}
