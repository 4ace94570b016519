/**
 * A map with at most 2 × `half` entries that forgets what was not used for long: two generations, the older thrown away when the younger is
 * full. About as good as an LRU and a third of its price per hit.
 */
export class BoundedCache<V> {
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  constructor(private readonly half: number) {}

  get(key: string): V | undefined {
    const hit = this.#young.get(key);
    if (hit !== undefined) return hit;
    const older = this.#old.get(key);
    if (older !== undefined) this.#put(key, older);
    return older;
  }

  /** The key is copied, since it usually is a slice of a batch. */
  set(key: string, value: V): void {
    this.#put(flat(key), value);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  #put(key: string, value: V): void {
    if (this.#young.size >= this.half) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}

/** A copy that shares no memory with the text it was cut from. */
export function flat(text: string): string {
  const copy = Buffer.from(text, 'utf8').toString('utf8');
  // Lone surrogates do not survive UTF-8.
  return copy === text ? copy : Buffer.from(text, 'utf16le').toString('utf16le');
}
