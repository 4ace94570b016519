import type { FieldValue } from '#ecs';
import { toFieldValue } from './document-fields.js';
import {
  closeList,
  closeObject,
  colon,
  comma,
  inString,
  isDigit,
  isEscape,
  isHex,
  isSpace,
  openList,
  openObject,
  quote,
} from './json-characters.js';
import type { Edge, FieldNode, Target } from './field-tree.js';

const maxDepth = 256;

/**
 * Takes the wanted fields out of one JSON line without building the document: one walk over the bytes, which checks the whole grammar (RFC 8259) and
 * makes strings only of what is wanted. Whatever is unusual (a repeated key, escapes in a key, a list of objects on the way to a field) it leaves
 * to `JSON.parse` by answering `false`; what it answers itself is what `JSON.parse` would give.
 */
export class JsonScanner {
  #bytes: Uint8Array = new Uint8Array(0);
  #buffer: Buffer = Buffer.alloc(0);
  #text = '';
  #at = 0;
  #line = 0;
  #values: FieldValue[] = [];
  /** By slot: line × 256 + (255 − rank) of the value found, so that nothing must be cleared between lines. */
  readonly #quality: Float64Array;
  readonly #stack = new Uint8Array(maxDepth);
  /** What the last string held: bit 0 beyond ASCII, bit 1 escapes. */
  #odd = 0;

  constructor(
    private readonly root: FieldNode,
    slots: number,
  ) {
    this.#quality = new Float64Array(slots);
  }

  /** Sets the block that lines are in: its bytes, and the same as text with one character for each byte. */
  open(block: Buffer, text: string): void {
    this.#buffer = block;
    this.#bytes = block;
    this.#text = text;
  }

  /** Scans the line that begins at `start` and whose line feed is at `end`. */
  scan(start: number, end: number, values: FieldValue[]): boolean {
    this.#values = values;
    this.#line++;
    this.#at = this.#space(start);
    if (this.#bytes[this.#at] !== openObject) return false;
    this.#at++;
    return this.#object(this.root) && this.#space(this.#at) >= end && this.#at <= end;
  }

  #space(at: number): number {
    while (isSpace[this.#bytes[at]!] === 1) at++;
    return at;
  }

  /** The rest of an object after its brace. */
  #object(node: FieldNode): boolean {
    const bytes = this.#bytes;
    let at = this.#space(this.#at);
    if (bytes[at] === closeObject) {
      this.#at = at + 1;
      return true;
    }
    for (;;) {
      if (bytes[at] !== quote) return false;
      const from = ++at;
      let hash = 0;
      let byte = bytes[at]!;
      for (; inString[byte] === 0; byte = bytes[++at]!) hash = (Math.imul(hash, 31) + byte) | 0;
      if (byte !== quote) return false;
      const edge = this.#edge(node, hash, from, at);
      at = this.#colon(at + 1);
      if (at < 0) return false;
      this.#at = at;
      if (!(edge === undefined ? this.#skip() : this.#wanted(edge))) return false;
      at = bytes[this.#at] === comma ? this.#at : this.#space(this.#at);
      byte = bytes[at]!;
      if (byte === closeObject) {
        this.#at = at + 1;
        return true;
      }
      if (byte !== comma) return false;
      at = bytes[at + 1] === quote ? at + 1 : this.#space(at + 1);
    }
  }

  /** The place of the value after a key's closing quote, or -1. */
  #colon(at: number): number {
    const bytes = this.#bytes;
    if (bytes[at] !== colon) {
      at = this.#space(at);
      if (bytes[at] !== colon) return -1;
    }
    at++;
    return isSpace[bytes[at]!] === 1 ? this.#space(at) : at;
  }

  #edge(node: FieldNode, hash: number, from: number, to: number): Edge | undefined {
    const { table, mask } = node;
    for (let i = hash & mask; ; i = (i + 1) & mask) {
      const edge = table[i];
      if (edge === undefined) return undefined;
      if (edge.hash === hash && edge.bytes.length === to - from && this.#same(edge.bytes, from)) return edge;
    }
  }

  #same(key: Uint8Array, from: number): boolean {
    for (let i = 0; i < key.length; i++) if (key[i] !== this.#bytes[from + i]) return false;
    return true;
  }

  #wanted(edge: Edge): boolean {
    if (edge.seen === this.#line) return false;
    edge.seen = this.#line;
    const start = this.#at;
    const byte = this.#bytes[start];
    const { targets, next } = edge;
    if (byte === quote) {
      const end = this.#string(start + 1);
      if (end < 0) return false;
      this.#at = end;
      if (targets.length) this.#put(targets, targets[0]!.raw ? this.#text.slice(start, end) : this.#cut(start, end));
      return true;
    }
    if (byte === openObject || byte === openList) {
      if (next && byte === openList) return false;
      if (next) {
        this.#at = start + 1;
        if (!this.#object(next)) return false;
      } else if (!this.#skip()) return false;
      if (targets.length) this.#put(targets, toFieldValue(JSON.parse(this.#buffer.toString('utf8', start, this.#at))));
      return true;
    }
    if (!this.#scalar(start)) return false;
    if (targets.length) this.#put(targets, this.#value(start, this.#at));
    return true;
  }

  #put(targets: readonly Target[], value: FieldValue): void {
    for (let i = 0; i < targets.length; i++) {
      const { slot, rank } = targets[i]!;
      const quality = this.#line * 256 + 255 - rank;
      if (this.#quality[slot]! >= quality) continue;
      this.#quality[slot] = quality;
      this.#values[slot] = value;
    }
  }

  /** The string between quotes at `start` and before `end`. */
  #cut(start: number, end: number): string {
    if (this.#odd === 0) return this.#text.slice(start + 1, end - 1);
    const text = this.#buffer.toString('utf8', start, end);
    return this.#odd & 2 ? (JSON.parse(text) as string) : text.slice(1, -1);
  }

  #value(start: number, end: number): FieldValue {
    const byte = this.#bytes[start];
    if (byte === 116) return true;
    if (byte === 102) return false;
    if (byte === 110) return null;
    if (end - start > 15 || byte === 45) return Number(this.#text.slice(start, end));
    let number = 0;
    for (let at = start; at < end; at++) {
      const digit = this.#bytes[at]! - 48;
      if (digit < 0 || digit > 9) return Number(this.#text.slice(start, end));
      number = number * 10 + digit;
    }
    return number;
  }

  /** The place after the closing quote, or -1; `at` is after the opening one. */
  #string(at: number): number {
    const bytes = this.#bytes;
    let odd = 0;
    for (;;) {
      let kind = inString[bytes[at]!];
      while (kind === 0) kind = inString[bytes[++at]!];
      at++;
      if (kind === 2) {
        this.#odd = odd;
        return at;
      }
      if (kind === 1) odd |= 1;
      else if (kind === 3) {
        odd |= 2;
        const escape = bytes[at++]!;
        if (isEscape[escape] === 1) continue;
        if (escape !== 117) return -1;
        for (const end = at + 4; at < end; at++) if (isHex[bytes[at]!] !== 1) return -1;
      } else return -1;
    }
  }

  /** A number, true, false or null; leaves `#at` behind it. */
  #scalar(at: number): boolean {
    const bytes = this.#bytes;
    const byte = bytes[at];
    if (byte === 116) return this.#word(at, 'true');
    if (byte === 102) return this.#word(at, 'false');
    if (byte === 110) return this.#word(at, 'null');
    if (byte === 45) at++;
    if (bytes[at] === 48) at++;
    else {
      const first = at;
      while (isDigit[bytes[at]!] === 1) at++;
      if (at === first) return false;
    }
    if (bytes[at] === 46) {
      const first = ++at;
      while (isDigit[bytes[at]!] === 1) at++;
      if (at === first) return false;
    }
    if (bytes[at] === 101 || bytes[at] === 69) {
      at++;
      if (bytes[at] === 43 || bytes[at] === 45) at++;
      const first = at;
      while (isDigit[bytes[at]!] === 1) at++;
      if (at === first) return false;
    }
    this.#at = at;
    return true;
  }

  #word(at: number, word: string): boolean {
    for (let i = 0; i < word.length; i++) if (this.#bytes[at + i] !== word.charCodeAt(i)) return false;
    this.#at = at + word.length;
    return true;
  }

  /** Walks over any value, checking it. */
  #skip(): boolean {
    const bytes = this.#bytes;
    const stack = this.#stack;
    let depth = 0;
    let at = this.#at;
    for (;;) {
      // A value is expected at `at`.
      const byte = bytes[at];
      if (byte === quote) {
        at = this.#string(at + 1);
        if (at < 0) return false;
      } else if (byte === openObject || byte === openList) {
        const inner = this.#space(at + 1);
        if (bytes[inner] === byte + 2) at = inner + 1;
        else {
          if (depth === maxDepth) return false;
          stack[depth++] = byte;
          at = byte === openObject ? this.#key(inner) : inner;
          if (at < 0) return false;
          continue;
        }
      } else {
        if (!this.#scalar(at)) return false;
        at = this.#at;
      }
      // A value has ended: containers may end with it.
      for (;;) {
        if (depth === 0) {
          this.#at = at;
          return true;
        }
        at = this.#space(at);
        const open = stack[depth - 1]!;
        if (bytes[at] === comma) {
          at = this.#space(at + 1);
          if (open === openObject) at = this.#key(at);
          if (at < 0) return false;
          break;
        }
        if (bytes[at] !== (open === openObject ? closeObject : closeList)) return false;
        at++;
        depth--;
      }
    }
  }

  /** Walks over a key and its colon; the place of the value, or -1. */
  #key(at: number): number {
    if (this.#bytes[at] !== quote) return -1;
    const end = this.#string(at + 1);
    return end < 0 ? -1 : this.#colon(end);
  }
}
