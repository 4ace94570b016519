// An address that stands alone: not a version (Chrome/120.0.0.0), not a part of a longer word.
const address = /(?<![\w./:-])(?:[1-9]\d{0,2}\.)(?:\d{1,3}\.){2}\d{1,3}(?![\w.-])/g;
const callers = 2000;

/** Some lines again and again until they fill a block, from two thousand callers, the first of which call most often: a sample of ten lines would have everything in caches. */
export function amplify(lines: readonly string[], size: number): { payload: Buffer; count: number } {
  const made: string[] = [];
  let random = 1;
  for (let length = 0; length < size;) {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    const caller = Math.floor(callers * (random / 2 ** 32) ** 3);
    const line = lines[made.length % lines.length]!.replace(address, (ip) => neighbour(ip, caller));
    made.push(line);
    length += Buffer.byteLength(line) + 1;
  }
  return { payload: Buffer.from(`${made.join('\n')}\n`), count: made.length };
}

function neighbour(ip: string, nth: number): string {
  const [first, second, third, fourth] = ip.split('.').map(Number) as [number, number, number, number];
  if (first > 255 || second > 255 || third > 255 || fourth > 255) return ip;
  return `${first}.${second}.${(third + (nth >> 8)) & 255}.${(fourth + nth) & 255}`;
}
