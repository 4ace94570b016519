import { parsePrefix } from '../networks/prefix.js';

type Plain = string | number | boolean | Plain[] | { [key: string]: Plain };

/** Writes a small MaxMind DB, for tests: an IPv6 tree, records without pointers, prefixes that do not contain each other. */
export function writeMmdb(bits: 24 | 28 | 32, networks: Record<string, Plain>): Buffer {
  const nodes: (number | { data: number } | undefined)[][] = [[undefined, undefined]];
  const data: Buffer[] = [];
  let size = 0;
  for (const [network, value] of Object.entries(networks)) {
    const path = bitsOf(network);
    let node = 0;
    path.forEach((bit, nth) => {
      if (nth === path.length - 1) {
        nodes[node]![bit] = { data: size };
        return;
      }
      if (nodes[node]![bit] === undefined) nodes[node]![bit] = nodes.push([undefined, undefined]) - 1;
      node = nodes[node]![bit] as number;
    });
    const encoded = encode(value);
    data.push(encoded);
    size += encoded.length;
  }
  const target = (to: (typeof nodes)[number][number]): number =>
    to === undefined ? nodes.length : typeof to === 'number' ? to : nodes.length + 16 + to.data;
  const tree = nodes.map(([left, right]) => record(bits, target(left), target(right)));
  const metadata = { node_count: nodes.length, record_size: bits, ip_version: 6, build_epoch: 1_768_000_000, database_type: 'Test' };
  return Buffer.concat([...tree, Buffer.alloc(16), ...data, Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'), encode(metadata)]);
}

function bitsOf(network: string): number[] {
  const { first, last } = parsePrefix(network)!;
  const words = first.length === 1 ? [0, 0, 0, ...first] : first;
  const ends = last.length === 1 ? [0, 0, 0, ...last] : last;
  const found: number[] = [];
  for (let i = 0; i < 128; i++) {
    const [low, high] = [(words[i >> 5]! >>> (31 - (i & 31))) & 1, (ends[i >> 5]! >>> (31 - (i & 31))) & 1];
    if (low !== high) break;
    found.push(low);
  }
  return found;
}

function record(bits: number, left: number, right: number): Buffer {
  const bytes = Buffer.alloc(bits / 4);
  if (bits === 24) {
    bytes.writeUIntBE(left, 0, 3);
    bytes.writeUIntBE(right, 3, 3);
  } else if (bits === 32) {
    bytes.writeUInt32BE(left, 0);
    bytes.writeUInt32BE(right, 4);
  } else {
    bytes.writeUIntBE(left & 0xffffff, 0, 3);
    bytes[3] = ((left >>> 24) << 4) | (right >>> 24);
    bytes.writeUIntBE(right & 0xffffff, 4, 3);
  }
  return bytes;
}

function encode(value: Plain): Buffer {
  if (typeof value === 'string')
    return Buffer.concat([
      Buffer.from(value.length < 29 ? [(2 << 5) | value.length] : [(2 << 5) | 29, value.length - 29]),
      Buffer.from(value),
    ]);
  if (typeof value === 'boolean') return Buffer.from([value ? 1 : 0, 7]);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([Buffer.from([(6 << 5) | 4]), bytes]);
  }
  if (Array.isArray(value)) return Buffer.concat([Buffer.from([value.length, 4]), ...value.map(encode)]);
  const entries = Object.entries(value);
  return Buffer.concat([Buffer.from([(7 << 5) | entries.length]), ...entries.flatMap(([key, part]) => [encode(key), encode(part)])]);
}
