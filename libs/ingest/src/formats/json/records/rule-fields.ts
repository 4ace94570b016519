import { fields as ownFields, type FieldIndex, type JsonObject, type JsonValue } from '#ecs';
import type { LogEvent } from '../../../log-event.js';
import { isSecret, redacted } from '../../../redact/redact.js';
import { slotValue, unfit } from '../json-values.js';

/** Keys of records that only rules know by their vendor's name (`eventName`, `userIdentity.type`), as a tree in lower case. */
export interface RuleField {
  slot: number;
  children: Map<string, RuleField> | undefined;
}

/** The fields beyond our table that a record may hold under their own name; `undefined` where no rule asks for any. */
export function ruleFields(index: FieldIndex, filled: readonly string[]): RuleField | undefined {
  if (index.size === ownFields.length) return undefined;
  const root: RuleField = { slot: -1, children: undefined };
  for (const name of index.names().slice(ownFields.length)) {
    if (filled.includes(name)) continue;
    let node = root;
    for (const key of name.toLowerCase().split('.')) {
      node.children ??= new Map();
      let next = node.children.get(key);
      if (!next) node.children.set(key, (next = { slot: -1, children: undefined }));
      node = next;
    }
    node.slot = index.slot(name);
  }
  return root;
}

/** Fills the slots of fields that rules name, wherever the record holds them. */
export function fillRuleFields(event: LogEvent, record: JsonObject, wanted: RuleField): void {
  const { children } = wanted;
  if (children === undefined) return;
  for (const key of Object.keys(record)) {
    const node = children.get(key) ?? (key.length <= 128 ? nodeOf(wanted, key.toLowerCase()) : undefined);
    if (!node) continue;
    const value = record[key]!;
    if (node.slot >= 0) fillOne(event, node.slot, key, value);
    if (node.children && typeof value === 'object' && value !== null && !Array.isArray(value)) fillRuleFields(event, value, node);
  }
}

function nodeOf(parent: RuleField, key: string): RuleField | undefined {
  const direct = parent.children?.get(key);
  if (direct || !key.includes('.')) return direct;
  let node: RuleField | undefined = parent;
  for (const part of key.split('.')) node = node?.children?.get(part);
  return node;
}

function fillOne(event: LogEvent, slot: number, key: string, value: JsonValue): void {
  const text = typeof value === 'string' ? value : undefined;
  const fit = text !== undefined && isSecret(key, text) ? redacted : slotValue(slot, value);
  if (fit !== unfit && fit !== undefined) event.values[slot] = fit;
}
