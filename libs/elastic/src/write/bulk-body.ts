const lineEnd = 10;
/** Bytes of UTF-8 for one UTF-16 unit at most. */
const worst = 3;

/** The body of one bulk request, grown in place: each document is encoded once and copied nowhere. */
export class BulkBody {
  #buffer: Buffer;
  #length = 0;
  /** End of each entry (its action and its document). */
  #ends: number[] = [];

  constructor(expected: number) {
    this.#buffer = Buffer.allocUnsafe(Math.max(1024, expected));
  }

  get bytes(): number {
    return this.#length;
  }

  get count(): number {
    return this.#ends.length;
  }

  /** Empties it, to be filled again: large buffers are dear to make and to collect. */
  clear(): this {
    this.#length = 0;
    this.#ends = [];
    return this;
  }

  /** A document to be created under this id, in whatever the request's path names. */
  create(id: string, document: string | Uint8Array): void {
    this.#text(`{"create":{"_id":${JSON.stringify(id)}}}\n`);
    this.#document(document);
  }

  /** Any operation; without a document for deletions. */
  add(action: object, document?: string): void {
    this.#text(`${JSON.stringify(action)}\n`);
    if (document === undefined) this.#ends.push(this.#length);
    else this.#document(document);
  }

  /** Everything, to be sent. */
  toBuffer(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** The entries at these places, as a body of their own. */
  pick(places: readonly number[]): BulkBody {
    const size = places.reduce((sum, at) => sum + this.#ends[at]! - this.#start(at), 0);
    const picked = new BulkBody(size);
    for (const at of places) {
      picked.#length += this.#buffer.copy(picked.#buffer, picked.#length, this.#start(at), this.#ends[at]);
      picked.#ends.push(picked.#length);
    }
    return picked;
  }

  /** The document of an entry, as text. */
  document(at: number): string {
    const entry = this.#buffer.subarray(this.#start(at), this.#ends[at]);
    return entry.toString('utf8', entry.indexOf(lineEnd) + 1, entry.length - 1);
  }

  #start(at: number): number {
    return at === 0 ? 0 : this.#ends[at - 1]!;
  }

  #document(document: string | Uint8Array): void {
    if (typeof document === 'string') this.#text(document);
    else {
      this.#reserve(document.length);
      this.#buffer.set(document, this.#length);
      this.#length += document.length;
    }
    this.#reserve(1);
    this.#buffer[this.#length++] = lineEnd;
    this.#ends.push(this.#length);
  }

  #text(text: string): void {
    this.#reserve(text.length * worst);
    this.#length += this.#buffer.write(text, this.#length, 'utf8');
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
