import type { JsonObject, JsonValue } from '#ecs';
import { isObject } from './value-path.js';

/** An object, or one that a sender wrote as JSON into a text. */
export function recordIn(value: JsonValue | undefined): JsonObject | undefined {
  if (isObject(value)) return value;
  if (typeof value !== 'string' || value.length > 1 << 20 || !value.trimStart().startsWith('{')) return undefined;
  try {
    const inner = JSON.parse(value) as JsonValue;
    return isObject(inner) ? inner : undefined;
  } catch {
    // Text that only begins like an object.
    return undefined;
  }
}
