/**
 * The network of an IPv6 address, as "2001:db8:1:2::/64": a provider gives a customer that much, so one attacker has all of it.
 * An IPv4-mapped address becomes its IPv4 form; what is no address stays as it is.
 */
export function maskAddress(text: string, prefix: number): string {
  const groups = groupsOf(text);
  if (!groups) return text;
  const [first, second, third, fourth, fifth, sixth, high, low] = groups as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (!first && !second && !third && !fourth && !fifth && sixth === 0xffff) return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  for (let i = 0; i < 8; i++) {
    const bits = Math.min(Math.max(prefix - i * 16, 0), 16);
    groups[i] = groups[i]! & (0xffff << (16 - bits)) & 0xffff;
  }
  return `${shortest(groups)}/${prefix}`;
}

function groupsOf(text: string): number[] | undefined {
  if (text.length > 45) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const sides = halves.map((half) => (half === '' ? [] : half.split(':').flatMap(groupNumbers)));
  const known = sides.flat();
  if (known.includes(-1)) return undefined;
  const left = sides[0]!;
  if (halves.length === 1) return left.length === 8 ? left : undefined;
  return known.length < 8 ? [...left, ...new Array<number>(8 - known.length).fill(0), ...sides[1]!] : undefined;
}

function groupNumbers(part: string): number[] {
  if (/^[0-9a-f]{1,4}$/i.test(part)) return [parseInt(part, 16)];
  const quad = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(part)?.slice(1).map(Number);
  if (!quad || quad.some((byte) => byte > 255)) return [-1];
  return [(quad[0]! << 8) | quad[1]!, (quad[2]! << 8) | quad[3]!];
}

// RFC 5952: the longest run of zeros, the first of several, is left out.
function shortest(groups: readonly number[]): string {
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && groups[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  const words = groups.map((group) => group.toString(16));
  if (best.start < 0) return words.join(':');
  return `${words.slice(0, best.start).join(':')}::${words.slice(best.start + best.length).join(':')}`;
}
