import type { Database } from 'lmdb';
import type { StateReader, StateWriter } from '#detection';
import type { Committer } from './committer.js';
import { EntryPacket, readEntries, type PackedEntry } from '#stream';

const shards = 256;
/** Packets of a shard are put together when what was added since exceeds this many times what they were put together to. */
const growth = 3;
/** A shard smaller than this is put together by count alone. */
const smallBytes = 16 * 1024;
const manyPackets = 64;
/** At most so many shards a change are put together, the most overgrown first, so that no change takes long. */
const mergesAtOnce = 16;

type PacketKey = [shard: number, sequence: number];

/** What a shard holds on disk. */
interface Extent {
  /** Bytes of its first packet, which holds each key once. */
  base: number;
  added: number;
  packets: number;
}

/** One change of the state, ready to be written inside a transaction of the committer. */
export interface StateChange {
  write(): void;
  done(): void;
}

/**
 * State by key, kept as packets of entries: a change adds one packet to each shard that it touches, and shards that have grown are put together again.
 * A row for each key would cost a walk of the tree, and several copies, for each key that an event touches.
 */
export class ShardedState implements StateReader {
  readonly #packets: Database<Buffer, PacketKey>;
  readonly #extents: Extent[] = Array.from({ length: shards }, () => ({ base: 0, added: 0, packets: 0 }));
  #sequence = 0;

  constructor(committer: Committer) {
    this.#packets = committer.database<Buffer, PacketKey>('task.packets', 'binary');
    for (const { key, value } of this.#packets.getRange({})) {
      const extent = this.#extents[key[0]]!;
      if (extent.packets++ === 0) extent.base = value.length;
      else extent.added += value.length;
      this.#sequence = Math.max(this.#sequence, key[1]);
    }
  }

  *entries(): Iterable<readonly [key: string, value: Uint8Array]> {
    for (let shard = 0; shard < shards; shard++) {
      if (this.#extents[shard]!.packets === 0) continue;
      for (const [key, { bytes, from, to }] of newest(this.#read(shard))) yield [key, bytes.subarray(from, to)];
    }
  }

  /** Takes what `fill` puts and removes; the last of several for a key counts. The bytes are copied. */
  change(fill: (into: StateWriter) => void): StateChange {
    const added = new Map<number, EntryPacket>();
    const packetOf = (key: string): EntryPacket => {
      const shard = shardOf(key);
      let packet = added.get(shard);
      if (!packet) added.set(shard, (packet = new EntryPacket()));
      return packet;
    };
    fill({ put: (key, value) => packetOf(key).put(key, value), remove: (key) => packetOf(key).remove(key) });
    const sequence = ++this.#sequence;
    const after = new Map<number, Extent>();
    return {
      write: () => {
        after.clear();
        for (const [shard, packet] of added) this.#add(shard, sequence, { packet: packet.bytes(), after });
        for (const shard of this.#overgrown(after)) this.#merge(shard, sequence, after);
      },
      done: () => {
        for (const [shard, extent] of after) this.#extents[shard] = extent;
      },
    };
  }

  #add(shard: number, sequence: number, { packet, after }: { packet: Buffer; after: Map<number, Extent> }): void {
    this.#packets.putSync([shard, sequence], packet);
    const { base, added, packets } = this.#extents[shard]!;
    after.set(
      shard,
      packets === 0 ? { base: packet.length, added: 0, packets: 1 } : { base, added: added + packet.length, packets: packets + 1 },
    );
  }

  #overgrown(after: ReadonlyMap<number, Extent>): number[] {
    return [...after]
      .map(([shard, { base, added, packets }]) => ({
        shard,
        excess: packets > manyPackets ? Infinity : added / Math.max(base, smallBytes),
      }))
      .filter(({ excess }) => excess > growth)
      .sort((one, other) => other.excess - one.excess)
      .slice(0, mergesAtOnce)
      .map(({ shard }) => shard);
  }

  #merge(shard: number, sequence: number, after: Map<number, Extent>): void {
    const merged = new EntryPacket();
    for (const [, entry] of newest(this.#read(shard))) merged.copy(entry);
    for (const key of [...this.#packets.getKeys({ start: [shard, 0], end: [shard + 1, 0] })]) this.#packets.removeSync(key);
    const bytes = merged.bytes();
    if (bytes.length > 0) this.#packets.putSync([shard, sequence], bytes);
    after.set(shard, { base: bytes.length, added: 0, packets: bytes.length > 0 ? 1 : 0 });
  }

  *#read(shard: number): Iterable<PackedEntry> {
    for (const { value } of this.#packets.getRange({ start: [shard, 0], end: [shard + 1, 0] })) yield* readEntries(value);
  }
}

/** Of each key the last entry, unless that removes it. */
function newest(entries: Iterable<PackedEntry>): Map<string, PackedEntry> {
  const found = new Map<string, PackedEntry>();
  for (const entry of entries) {
    if (entry.removes) found.delete(entry.key);
    else found.set(entry.key, entry);
  }
  return found;
}

function shardOf(key: string): number {
  let hash = key.length;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x9e3779b1);
  return (hash ^ (hash >>> 15)) & (shards - 1);
}
