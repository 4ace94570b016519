import { idsOfPath, isId } from './route.js';

/** Longest query, and most parameters, that are looked at. */
const mostText = 4096;
const mostParameters = 64;
const suffixes = ['id', 'uuid', 'guid', 'key', 'number', 'no'];

/**
 * The id of a query parameter that speaks of the same object as the path and names another: 18 of `/users/17/orders?user_id=18`. A parameter speaks of
 * an object of the path if it is called like the segment before that object's id, in the singular, with `id` or the like behind it; `id` alone speaks of
 * the last. Undefined where there is none.
 */
export function otherObjectId(path: string, query: string): string | undefined {
  const parameters = query.slice(0, mostText).split('&', mostParameters);
  let known: ReturnType<typeof idsOfPath> | undefined;
  for (const parameter of parameters) {
    const equals = parameter.indexOf('=');
    if (equals <= 0) continue;
    const words = wordsOf(parameter.slice(0, equals));
    const value = decoded(parameter.slice(equals + 1));
    if (words.length === 0 || !isId(value)) continue;
    const isNamedId = suffixes.includes(words.at(-1)!);
    // `page=2` of `/pages/7` is no page: without the suffix only what cannot be a plain number is an id.
    if (!isNamedId && isPlainNumber(value)) continue;
    const resource = (isNamedId ? words.slice(0, -1) : words).join('');
    known ??= idsOfPath(path);
    const meant = resource === '' ? known.at(-1) : known.findLast(({ of }) => singular(of) === resource);
    if (meant && meant.id.toLowerCase() !== value.toLowerCase()) return value;
  }
  return undefined;
}

/** `userId`, `user_id`, `user-id` and `filter[user_id]` are user and id. */
function wordsOf(name: string): string[] {
  const last =
    decoded(name)
      .slice(0, 64)
      .split(/[[.]/)
      .findLast((part) => part !== '' && part !== ']') ?? '';
  return last
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '');
}

function singular(segment: string): string {
  const plain = segment.toLowerCase().replace(/[^a-z\d]/g, '');
  if (plain.endsWith('ies')) return `${plain.slice(0, -3)}y`;
  if (/(?:ss|x|ch|sh|us)es$/.test(plain)) return plain.slice(0, -2);
  return /[^s]s$/.test(plain) ? plain.slice(0, -1) : plain;
}

function isPlainNumber(value: string): boolean {
  return /^\d+$/.test(value);
}

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
