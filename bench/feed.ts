/** A threat feed of so many networks and addresses, spread over the public space; every tenth lies inside of another. */
export function feedOf(prefixes: number): string {
  const lines = new Set<string>();
  let random = 7;
  const next = (): number => (random = (Math.imul(random, 1664525) + 1013904223) >>> 0);
  while (lines.size < prefixes) {
    const word = next();
    const first = 11 + ((word >>> 24) % 200);
    const network = `${first}.${(word >>> 16) & 255}.${(word >>> 8) & 255}`;
    const kind = next() >>> 28;
    if (kind < 10) lines.add(`${network}.${next() >>> 24}`);
    else lines.add(`${network}.0/24`);
    if (kind > 14) lines.add(`${network}.${next() >>> 24}`);
  }
  return `${[...lines].join('\n')}\n`;
}
