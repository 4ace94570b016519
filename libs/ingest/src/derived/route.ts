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
      const plain = numberWithForm.exec(segment)?.[0];
      if (plain === undefined && !isId(segment)) return segment;
      objectId = plain ?? segment;
      return plain === undefined ? '{id}' : `{id}${segment.slice(plain.length)}`;
    })
    .join('/');
  const made = { template, objectId };
  known.set(path, made);
  return made;
}

/** Every id has a digit, or is an e-mail address; a path without them costs a look and no more. */
export function mayHoldId(path: string): boolean {
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    if ((code >= 48 && code <= 57) || code === 64) return true;
  }
  return false;
}

// Below zero stands who tries what a server makes of it.
const number = /^-?\d+$/;
// `42.json`: the form of the answer is no part of the id.
const numberWithForm = /^\d+(?=\.(?:json|xml|csv|html?|pdf|png|jpe?g)$)/;
const email = /^[^\s@/]{1,64}@[^\s@/]{1,190}\.[a-z]{2,63}$/i;
// Stripe's and others' ids tell their kind: `cus_9s6XKzkNRiz8i3`, `ORD-20417`, `user-1042`.
const kinded =
  /^(?:[a-z]{2,8}(?:_[a-z]{2,8})?_(?:\d{3,20}|(?=[A-Za-z]*\d[\dA-Za-z]*[A-Za-z])[A-Za-z\d]{8,64})|[A-Z]{1,6}-?\d{3,20}|(?!v\d)[a-z]{2,12}-\d{3,20})$/;
const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const ulid = /^[0-7][\dA-HJKMNP-TV-Z]{25}$/i;
const hex = /^(?=.*\d)[\da-f]{8,}$/i;
// Base64url and the like: long, mixed, without the words and dots of a file name.
const token = /^(?=.*\d)(?=.*[A-Za-z])[\w~-]{20,}={0,2}$/;
const wordy = /(?:^|[-_])[a-z]{3,}(?:[-_]|$)/;

/** Ids in a path with the segment before each, in the order of the path. */
export function idsOfPath(path: string): { readonly of: string; readonly id: string }[] {
  const segments = path.slice(0, 2048).split('/');
  return segments.flatMap((id, at) => (id !== '' && isId(id) ? [{ of: segments[at - 1] ?? '', id }] : []));
}

/** Whether a text looks like the id of an object: a number, UUID, ULID, hash or token. */
export function isId(segment: string): boolean {
  if (segment === '' || segment.length > 512) return segment !== '';
  return (
    number.test(segment) ||
    hex.test(segment) ||
    uuid.test(segment) ||
    ulid.test(segment) ||
    (token.test(segment) && !wordy.test(segment)) ||
    kinded.test(segment) ||
    email.test(segment)
  );
}
