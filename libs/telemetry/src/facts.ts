import { Secret, type Facts } from './telemetry.js';

const maxDepth = 5;
const maxEntries = 50;
const maxText = 2048;

const secretName = /passw|passphrase|secret|token|credential|api_?key|private_?key|authorization|cookie/i;
/** Names that only look like it. */
const harmlessName = /tokens?_?(?:count|total)|_file$/i;

type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain };

/**
 * Facts as plain, bounded JSON. Secrets print as `<secret>`, also by the name of their key; errors keep code, message and cause; cycles, long lists
 * and long texts are cut, since a fact may come from a log line.
 */
export function plainFacts(facts: Facts): Record<string, Plain> {
  const plain = Object.create(null) as Record<string, Plain>;
  for (const [key, value] of Object.entries(facts)) {
    if (value === undefined) continue;
    plain[reserved.has(key) ? `fact.${key}` : key] = hidden(key, value) ? '<secret>' : plainValue(value, 1);
  }
  return plain;
}

/** Keys of the line itself. */
const reserved: ReadonlySet<string> = new Set(['@timestamp', 'log.level', 'message']);

function hidden(key: string, value: unknown): boolean {
  return typeof value !== 'number' && typeof value !== 'boolean' && looksSecret(key);
}

/** Whether something of this name had better not be shown: `password`, `api_key`, `bearerToken`. */
export function looksSecret(name: string): boolean {
  return secretName.test(name) && !harmlessName.test(name);
}

function plainValue(value: unknown, depth: number): Plain {
  switch (typeof value) {
    case 'string':
      return value.length > maxText ? `${value.slice(0, maxText)}… (${value.length} characters)` : value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : plainObject(value, depth);
    case 'bigint':
      return String(value);
    default:
      return `<${typeof value}>`;
  }
}

function plainObject(value: object, depth: number): Plain {
  if (value instanceof Secret) return '<secret>';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '<invalid date>' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`;
  if (depth > maxDepth) return '<…>';
  if (value instanceof Error) return plainError(value, depth);
  if (value instanceof Map) return plainEntries(value.entries() as Iterable<[unknown, unknown]>, depth);
  if (Array.isArray(value) || value instanceof Set) return plainList([...(value as Iterable<unknown>)], depth);
  return plainEntries(Object.entries(value), depth);
}

function plainList(values: readonly unknown[], depth: number): Plain {
  const list = values.slice(0, maxEntries).map((each) => plainValue(each, depth + 1));
  if (values.length > maxEntries) list.push(`… ${values.length - maxEntries} more`);
  return list;
}

function plainEntries(entries: Iterable<[unknown, unknown]>, depth: number): Plain {
  const plain = Object.create(null) as Record<string, Plain>;
  let kept = 0;
  for (const [key, value] of entries) {
    if (value === undefined) continue;
    if (++kept > maxEntries) {
      plain['…'] = 'more';
      break;
    }
    const name = typeof key === 'string' || typeof key === 'number' ? String(key) : `<${typeof key}>`;
    plain[name] = hidden(name, value) ? '<secret>' : plainValue(value, depth + 1);
  }
  return plain;
}

function plainError(error: Error, depth: number): Plain {
  const { code, retryable } = error as { code?: unknown; retryable?: unknown };
  return {
    type: error.name,
    message: plainValue(error.message, depth),
    ...(code !== undefined && { code: plainValue(code, depth) }),
    ...(typeof retryable === 'boolean' && { retryable }),
    ...(error.cause !== undefined && { cause: plainValue(error.cause, depth + 1) }),
    ...(depth === 1 && error.stack !== undefined && { stack: plainValue(error.stack, depth) }),
  };
}
