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
type PacketKey = [shard: number, sequence: number];

/** What a shard holds on disk. */
interface Extent {
  /** Bytes of its first packet, which holds each key once. */
  base: number;
  added: number;
  packets: number;
}

/** One change of the state: gathered at leisure, then written inside a transaction of the committer. */
export interface StateChange {
  /** Takes what is put and removed; the last of several for a key counts. The bytes are copied. */
  readonly into: StateWriter;
  readonly write: () => void;
  readonly done: () => void;
}

/**
 * State by key, kept as packets of entries: a change adds one packet to each shard that it touches, and shards that have grown are put together again.
 * A row for each key would cost a walk of the tree, and several copies, for each key that an event touches.
 */
export class ShardedState implements StateReader {
  readonly #packets: Database<Buffer, PacketKey>;
  readonly #extents: Extent[] = Array.from({ length: shards }, () => ({ base: 0, added: 0, packets: 0 }));
  /** By shard: bytes of its last packet, as room for the next one. */
  readonly #sizes = new Int32Array(shards);
  #sequence = 0;
  #tidying = false;

  constructor(private readonly committer: Committer) {
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

  change(): StateChange {
    const added = new Map<number, EntryPacket>();
    const packetOf = (key: string): EntryPacket => {
      const shard = shardOf(key);
      let packet = added.get(shard);
      if (!packet) added.set(shard, (packet = new EntryPacket(this.#sizes[shard]! + (this.#sizes[shard]! >> 3) + 512)));
      return packet;
    };
    const sequence = ++this.#sequence;
    const into: StateWriter = { put: (key, value) => packetOf(key).put(key, value), remove: (key) => packetOf(key).remove(key) };
    const write = (): void => {
      for (const [shard, packet] of added) this.#packets.putSync([shard, sequence], packet.bytes());
    };
    const done = (): void => {
      for (const [shard, { size }] of added) this.#added(shard, size);
      void this.#tidy();
    };
    return { into, write, done };
  }

  #added(shard: number, size: number): void {
    this.#sizes[shard] = size;
    const extent = this.#extents[shard]!;
    if (extent.packets++ === 0) extent.base = size;
    else extent.added += size;
  }

  /** Puts overgrown shards together, the most overgrown first and each in a transaction of its own, so that nobody waits long for one. */
  async #tidy(): Promise<void> {
    if (this.#tidying) return;
    this.#tidying = true;
    // What cannot be written now stays as it is, and is tried again after the next change.
    for (let shard = this.#overgrown(); shard >= 0; shard = this.#overgrown()) if (!(await this.#merge(shard))) break;
    this.#tidying = false;
  }

  /** The most overgrown shard, −1 if there is none. */
  #overgrown(): number {
    let [most, found] = [growth, -1];
    for (const [shard, { base, added, packets }] of this.#extents.entries()) {
      const excess = packets > manyPackets ? Infinity : added / Math.max(base, smallBytes);
      if (excess > most) [most, found] = [excess, shard];
    }
    return found;
  }

  #merge(shard: number): Promise<boolean> {
    let size = 0;
    const write = (): void => {
      const keys = [...this.#packets.getKeys({ start: [shard, 0], end: [shard + 1, 0] })];
      const merged = new EntryPacket();
      for (const [, entry] of newest(this.#read(shard))) merged.copy(entry);
      for (const key of keys) this.#packets.removeSync(key);
      size = merged.size;
      // In the place of the last packet: a change that is still being gathered has a later one.
      if (size > 0) this.#packets.putSync(keys.at(-1)!, merged.bytes());
    };
    const done = (): void => void (this.#extents[shard] = { base: size, added: 0, packets: size > 0 ? 1 : 0 });
    return this.committer.commit({ write, done }).then(
      () => true,
      () => false,
    );
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
