/**
 * Sortable text of an address: 8 hexadecimal digits for IPv4 (also inside `::ffff:0:0/96`), 32 for IPv6, so that a network is a range of keys of
 * one length. `undefined` for what is no address. Zones (`%eth0`) are not part of an address here.
 */
export function addressKey(text: string): string | undefined {
  if (text.length > 45) return undefined;
  const four = fourKey(text);
  if (four !== undefined || !text.includes(':')) return four;
  const six = sixKey(text);
  return six?.startsWith(mapped) ? six.slice(mapped.length) : six;
}

/** Lowest and highest key of a network such as `10.0.0.0/8`; bits behind the prefix are ignored. */
export function networkKeys(text: string): readonly [string, string] | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const key = match ? addressKey(match[1]!) : undefined;
  if (key === undefined) return undefined;
  const inMapped = key.length === 8 && match![1]!.includes(':');
  const bits = Number(match![2]) - (inMapped ? 96 : 0);
  if (bits < 0 || bits > key.length * 4) return undefined;
  const whole = key.slice(0, bits >> 2);
  if (whole.length === key.length) return [key, key];
  const mask = (0xf0 >> (bits & 3)) & 0xf;
  const digit = parseInt(key[whole.length]!, 16);
  const rest = key.length - whole.length - 1;
  return [whole + (digit & mask).toString(16) + '0'.repeat(rest), whole + ((digit & mask) | (~mask & 0xf)).toString(16) + 'f'.repeat(rest)];
}

const mapped = '00000000000000000000ffff';

function fourKey(text: string): string | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let key = '';
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    key += Number(part).toString(16).padStart(2, '0');
  }
  return key;
}

function sixKey(text: string): string | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map(groupsOf);
  const [head, tail] = groups;
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  if (halves.length === 1) return head.length === 32 ? head : undefined;
  const missing = 32 - head.length - tail!.length;
  return missing > 0 ? head + '0'.repeat(missing) + tail! : undefined;
}

/** Colon-separated groups as digits; the last may be a dotted quad. */
function groupsOf(text: string): string | undefined {
  if (text === '') return '';
  let key = '';
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    const quad = index === groups.length - 1 && group.includes('.') ? fourKey(group) : undefined;
    if (quad !== undefined) key += quad;
    else if (/^[0-9a-fA-F]{1,4}$/.test(group)) key += group.toLowerCase().padStart(4, '0');
    else return undefined;
  }
  return key.length <= 32 ? key : undefined;
}
