import { invalid } from './filter.js';

/** Where a page ended, as text that a caller hands back. */
export function writeCursor(kind: string, at: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([kind, ...at])).toString('base64url');
}

/** A number and a second key of the given type. */
export function readCursor<T extends 'string' | 'number'>(
  kind: string,
  cursor: string,
  second: T,
): [number, T extends 'string' ? string : number] {
  let found: unknown;
  try {
    found = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    found = undefined;
  }
  if (Array.isArray(found) && found.length === 3 && found[0] === kind && Number.isSafeInteger(found[1]) && typeof found[2] === second)
    return [found[1] as number, found[2] as T extends 'string' ? string : number];
  throw invalid(`The cursor "${cursor.slice(0, 60)}" does not belong to this search.`);
}
