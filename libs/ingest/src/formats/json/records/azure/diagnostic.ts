import type { JsonObject, JsonValue } from '#ecs';
import { recordIn } from '../embedded-json.js';
import { isObject } from '../value-path.js';

/** A diagnostic record of a category, its properties spelled out where Azure wrote them as text. */
export function diagnostic(tree: JsonObject, ...categories: string[]): JsonObject | undefined {
  const { category } = tree;
  if (typeof category !== 'string' || !categories.includes(category)) return undefined;
  const properties = recordIn(tree['properties']);
  if (!properties) return undefined;
  const spelled = spelledOut(properties);
  return spelled === tree['properties'] ? tree : { ...tree, properties: spelled };
}

/** Lists and objects that stand as text within a record. */
const packed = [
  'status',
  'location',
  'deviceDetail',
  'authenticationDetails',
  'mfaDetail',
  'initiatedBy',
  'targetResources',
  'additionalDetails',
];

function spelledOut(properties: JsonObject): JsonObject {
  let copy: JsonObject | undefined;
  for (const key of packed) {
    const value = properties[key];
    if (typeof value !== 'string') continue;
    const whole = parsed(value);
    if (whole !== undefined) (copy ??= { ...properties })[key] = whole;
  }
  return copy ?? properties;
}

function parsed(text: string): JsonValue | undefined {
  if (text.length > 1 << 18 || !/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    // Text after all.
    return undefined;
  }
}

const renamed: Readonly<Record<string, string>> = { IPAddress: 'ipAddress', LocationDetails: 'location', Status: 'status' };

/** A row of a Log Analytics table as the diagnostic record that it was: one flat object whose columns begin with capitals. */
export function fromTable(tree: JsonObject, tables: Readonly<Record<string, string>>): JsonObject | undefined {
  const table = tree['Type'] ?? tree['TableName'];
  const category = typeof table === 'string' && Object.hasOwn(tables, table) ? tables[table] : undefined;
  if (category === undefined || isObject(tree['properties'])) return undefined;
  const properties: JsonObject = {};
  for (const [column, value] of Object.entries(tree)) {
    const name = Object.hasOwn(renamed, column) ? renamed[column]! : column.charAt(0).toLowerCase() + column.slice(1);
    if (name !== '__proto__') properties[name] = value;
  }
  const top = (name: string): JsonObject => (properties[name] === undefined ? {} : { [name]: properties[name] });
  return {
    ...top('operationName'),
    ...top('resultType'),
    ...top('resultDescription'),
    ...top('correlationId'),
    ...top('durationMs'),
    time: properties['timeGenerated'] ?? properties['createdDateTime'] ?? null,
    category,
    properties: spelledOut(properties),
  };
}
