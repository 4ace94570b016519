import { ServiceError } from '#telemetry';

/** A search that cannot be meant. */
export function invalid(message: string): ServiceError {
  return new ServiceError('query_invalid', message);
}

const largestPage = 10_000;

export function pageSize(limit: number): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > largestPage) throw invalid(`A page has 1 to ${largestPage} entries, not ${limit}.`);
  return limit;
}

/** The sort values at which a page ended, as text that a caller hands back. */
export function writeCursor(kind: string, at: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([kind, ...at])).toString('base64url');
}

/** @param types of the sort values, in order. */
export function readCursor(kind: string, cursor: string, types: readonly ('number' | 'string')[]): (string | number)[] {
  let found: unknown;
  try {
    found = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    found = undefined;
  }
  if (Array.isArray(found) && found.length === types.length + 1 && found[0] === kind) {
    const values = found.slice(1) as unknown[];
    const fits = values.every((value, at) => (types[at] === 'number' ? Number.isSafeInteger(value) : typeof value === 'string'));
    if (fits) return values as (string | number)[];
  }
  throw invalid(`The cursor "${cursor.slice(0, 60)}" does not belong to this search.`);
}
