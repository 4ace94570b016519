import type { Millis } from '#time';

/** Where the horizon is saved: the state writer of a task fits. */
export interface DedupeWriter {
  put(key: string, value: Uint8Array): void;
  remove(key: string): void;
}

export interface DedupeSettings {
  /** Ids remembered at most. */
  readonly maxIds?: number;
  /** How long after its first arrival an id is remembered, by the arrival times in the log. */
  readonly horizon?: Millis;
}

/** Remembers senders' own ids, so that a repeated record is dropped. The log drives it: same log, same answers. */
export interface Dedupe {
  /** Whether an id came before within the horizon; if not, it is remembered now. */
  seen(id: string, arrival: Millis): boolean;
  readonly size: number;
  /** Writes what changed since the last save, below `dedupe/`. */
  save(writer: DedupeWriter): void;
  /** Takes saved entries; others than its own are passed over. Called before the first `seen`. */
  restore(entries: Iterable<readonly [key: string, value: Uint8Array]>): void;
}

const prefix = 'dedupe/';
/** Ids are forgotten a block at a time: a block is one saved entry. */
const blockIds = 4096;

/** Up to `blockIds` ids in their order, with the arrival of the first and the last one. */
interface Block {
  readonly number: number;
  readonly ids: string[];
  newest: Millis;
  saved: number;
}

/** Ids are kept in blocks in order of arrival; the oldest block goes when it is wholly out of the horizon or one too many. */
export function buildDedupe({ maxIds = 1_000_000, horizon = 24 * 3_600_000 }: DedupeSettings = {}): Dedupe {
  return new Blocks(maxIds, horizon);
}

class Blocks implements Dedupe {
  private readonly known = new Set<string>();
  private blocks: Block[] = [];
  private removed: number[] = [];
  private nextNumber = 0;
  private readonly perBlock: number;

  constructor(
    private readonly maxIds: number,
    private readonly horizon: Millis,
  ) {
    this.perBlock = Math.max(1, Math.min(blockIds, Math.ceil(maxIds / 8)));
  }

  get size(): number {
    return this.known.size;
  }

  seen(id: string, arrival: Millis): boolean {
    this.forgetOld(arrival);
    if (this.known.has(id)) return true;
    let block = this.blocks.at(-1);
    if (!block || block.ids.length >= this.perBlock) {
      block = { number: this.nextNumber++, ids: [], newest: arrival, saved: 0 };
      this.blocks.push(block);
    }
    block.ids.push(id);
    block.newest = Math.max(block.newest, arrival);
    this.known.add(id);
    return false;
  }

  save(writer: DedupeWriter): void {
    for (const number of this.removed) writer.remove(keyOf(number));
    this.removed = [];
    for (const block of this.blocks) {
      if (block.saved === block.ids.length) continue;
      writer.put(keyOf(block.number), encode(block));
      block.saved = block.ids.length;
    }
  }

  restore(entries: Iterable<readonly [key: string, value: Uint8Array]>): void {
    for (const [key, value] of entries) if (key.startsWith(prefix)) this.blocks.push(decode(Number(key.slice(prefix.length)), value));
    this.blocks.sort((a, b) => a.number - b.number);
    for (const block of this.blocks) for (const id of block.ids) this.known.add(id);
    this.nextNumber = (this.blocks.at(-1)?.number ?? -1) + 1;
  }

  private forgetOld(arrival: Millis): void {
    let drop = 0;
    for (const block of this.blocks) {
      if (this.known.size < this.maxIds && block.newest >= arrival - this.horizon) break;
      for (const id of block.ids) this.known.delete(id);
      if (block.saved > 0) this.removed.push(block.number);
      drop++;
    }
    if (drop > 0) this.blocks = this.blocks.slice(drop);
  }
}

function keyOf(number: number): string {
  return `${prefix}${number.toString().padStart(12, '0')}`;
}

/** Newest arrival as a double, then the ids, which are all ASCII, one a line. */
function encode({ newest, ids }: Block): Uint8Array {
  const bytes = Buffer.from(`        ${ids.join('\n')}`, 'latin1');
  bytes.writeDoubleBE(newest, 0);
  return bytes;
}

function decode(number: number, value: Uint8Array): Block {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const ids = bytes.toString('latin1', 8).split('\n');
  return { number, ids, newest: bytes.readDoubleBE(0), saved: ids.length };
}
