import { addressWords } from '../networks/address-words.js';
import { corrupt, MmdbDecoder, type MmdbValue } from './decode.js';

/** A MaxMind DB in memory: networks to records. */
export interface Mmdb {
  /** GeoLite2-City, GeoLite2-ASN, GeoIP2-Anonymous-IP … */
  readonly type: string;
  /** When it was made, in milliseconds. */
  readonly built: number;
  /** The record of the network that holds an address in its canonical spelling. */
  find(ip: string): MmdbValue | undefined;
}

const marker = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
/** Between tree and data. */
const separator = 16;

/**
 * Opens a MaxMind DB (https://maxmind.github.io/MaxMind-DB/). The file is kept in memory as it is; records are decoded when they are asked for.
 * @throws ServiceError `mmdb_corrupt` when it is none.
 */
export function openMmdb(bytes: Buffer): Mmdb {
  const start = bytes.lastIndexOf(marker);
  if (start < 0) throw corrupt('its metadata were not found');
  const metadata = new MmdbDecoder(bytes, start + marker.length).read(0);
  if (typeof metadata !== 'object' || Array.isArray(metadata)) throw corrupt('its metadata are no map');
  const number = (name: string): number => {
    const value = metadata[name];
    if (typeof value !== 'number') throw corrupt(`its metadata lack ${name}`);
    return value;
  };
  const tree = new Tree(bytes, { nodes: number('node_count'), bits: number('record_size'), version: number('ip_version') });
  const decoder = new MmdbDecoder(bytes, tree.size + separator);
  const { database_type: type } = metadata;
  return {
    type: typeof type === 'string' ? type : 'unknown',
    built: number('build_epoch') * 1000,
    find(ip) {
      try {
        const at = tree.find(ip);
        return at === undefined ? undefined : decoder.read(at);
      } catch {
        // A broken record says nothing of its network; the fold must not stop for it.
        return undefined;
      }
    },
  };
}

class Tree {
  readonly size: number;
  private readonly nodes: number;
  private readonly bits: number;
  private readonly isV6: boolean;
  private readonly v4Start: number;
  private readonly words = new Uint32Array(4);

  constructor(
    private readonly bytes: Buffer,
    { nodes, bits, version }: { readonly nodes: number; readonly bits: number; readonly version: number },
  ) {
    if (bits !== 24 && bits !== 28 && bits !== 32) throw corrupt(`records of ${bits} bits are not known`);
    this.nodes = nodes;
    this.bits = bits;
    this.isV6 = version === 6;
    this.size = (nodes * bits) / 4;
    if (this.size > bytes.length) throw corrupt('it ends early');
    // IPv4 addresses lie below 96 zero bits.
    let start = 0;
    if (this.isV6) for (let i = 0; i < 96 && start < nodes; i++) start = this.record(start, 0);
    this.v4Start = start;
  }

  /** Offset of the record in the data section. */
  find(ip: string): number | undefined {
    const count = addressWords(ip, this.words);
    if (count === 0 || (count === 4 && !this.isV6)) return undefined;
    let node = count === 1 ? this.v4Start : 0;
    for (let i = 0; i < count * 32 && node < this.nodes; i++) {
      const bit = (this.words[i >> 5]! >>> (31 - (i & 31))) & 1;
      node = this.record(node, bit);
    }
    return node <= this.nodes ? undefined : node - this.nodes - separator;
  }

  private record(node: number, side: number): number {
    const at = (node * this.bits) / 4;
    if (this.bits === 24) return this.bytes.readUIntBE(at + side * 3, 3);
    if (this.bits === 32) return this.bytes.readUInt32BE(at + side * 4);
    const middle = this.bytes[at + 3]!;
    return side === 0 ? (middle >> 4) * 2 ** 24 + this.bytes.readUIntBE(at, 3) : (middle & 15) * 2 ** 24 + this.bytes.readUIntBE(at + 4, 3);
  }
}
