import { BoundedCache } from '../bounded-cache.js';

/** What the path of a call says of its route. */
export interface Route {
  /** `/users/{id}/orders`. */
  readonly template: string;
  /** What stood in the place of the last placeholder. */
  readonly objectId: string | undefined;
  /** Methods that an OpenAPI file knows for it, in upper case; absent where there is no file, empty where the file does not know the path. */
  readonly methods?: ReadonlySet<string>;
}

const known = new BoundedCache<Route>(8192);

/** `/users/42/orders` → `/users/{id}/orders`: what stands for an object is replaced, so that calls of one route can be counted. */
export function readRoute(path: string): Route {
  const hit = known.get(path);
  if (hit !== undefined) return hit;
  const cut = path.length > 2048 ? path.slice(0, 2048) : path;
  let objectId: string | undefined;
  const template = cut
    .split('/')
    .map((segment) => {
      if (!isId(segment)) return segment;
      objectId = segment;
      return '{id}';
    })
    .join('/');
  const made = { template, objectId };
  known.set(path, made);
  return made;
}

/** Every id has a digit; a path without one costs a look and no more. */
export function mayHoldId(path: string): boolean {
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    if (code >= 48 && code <= 57) return true;
  }
  return false;
}

const number = /^\d+$/;
const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const ulid = /^[0-7][\dA-HJKMNP-TV-Z]{25}$/i;
const hex = /^(?=.*\d)[\da-f]{8,}$/i;
// Base64url and the like: long, mixed, without the words and dots of a file name.
const token = /^(?=.*\d)(?=.*[A-Za-z])[\w~-]{20,}={0,2}$/;
const wordy = /(?:^|[-_])[a-z]{3,}(?:[-_]|$)/;

function isId(segment: string): boolean {
  if (segment === '' || segment.length > 512) return segment !== '';
  return (
    number.test(segment) || hex.test(segment) || uuid.test(segment) || ulid.test(segment) || (token.test(segment) && !wordy.test(segment))
  );
}
