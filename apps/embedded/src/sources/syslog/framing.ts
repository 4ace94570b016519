import { maxLineBytes } from '../../input/blocks.js';
import { countRecords, type Piece } from '../records.js';
import { oneRecord } from './one-record.js';

/** How messages are told apart on a stream (RFC 6587, 3.4): a length before each, or a newline behind each. */
export type Framing = 'octets' | 'lines';

/** What a stream gave: whole records, and what had to be done to them. */
export interface Framed extends Piece {
  /** Messages above the bound: their beginning was kept, as a record that becomes a dead letter. */
  readonly cut: number;
}

const [newline, space, less] = [10, 32, 60];
const empty = Buffer.alloc(0);
const none: Framed = { payload: empty, count: 0, cut: 0 };
const lineEnd = Buffer.from('\n');
/** Digits of a length. */
const maxDigits = 9;

/**
 * Cuts the bytes of one connection into records. The framing is that of the first message and stays: a message with newlines in it, sent without lengths, must not be
 * able to turn what follows into a part of itself by `99999 <`. Holds at most one message, up to the bound of a line.
 */
export class FrameReader {
  #framing: Framing | undefined;
  readonly #held = new HeldBytes();
  /** Bytes that must be there before it is worth looking again. */
  #needed = 0;
  /** Bytes still to skip of a message above the bound; with `lines`, Infinity up to the next newline. */
  #skip = 0;
  #broken = false;

  constructor(framing: 'auto' | Framing = 'auto') {
    this.#framing = framing === 'auto' ? undefined : framing;
  }

  /** Bytes held until their message is whole. */
  get held(): number {
    return this.#held.size;
  }

  /** True after a length was expected and not found: what follows on this connection has no beginning and no end. */
  get broken(): boolean {
    return this.#broken;
  }

  push(chunk: Buffer): Framed {
    if (this.#broken) return none;
    if (this.#framing === 'lines') return this.#lines(chunk);
    if (this.#held.size + chunk.length < this.#needed) {
      this.#held.add(chunk);
      return none;
    }
    const text = this.#held.take(chunk);
    if (this.#framing) return this.#octets(text);
    this.#framing = framingOf(text);
    if (this.#framing) return this.#framing === 'lines' ? this.#lines(text) : this.#octets(text);
    this.#held.add(text);
    return none;
  }

  /** The connection has ended: what is held is a record, though of a counted message not a whole one. */
  end(): Framed & { readonly unfinished: boolean } {
    const rest = this.#held.take(empty);
    const header = this.#framing === 'octets' ? lengthOf(rest) : 'none';
    const record = oneRecord((typeof header === 'object' ? rest.subarray(header.from) : rest).subarray(0, maxLineBytes));
    if (record.length === 0) return { ...none, unfinished: false };
    return { payload: record, count: 1, cut: 0, unfinished: this.#framing === 'octets' };
  }

  #lines(chunk: Buffer): Framed {
    let text = chunk;
    if (this.#skip > 0) {
      const end = text.indexOf(newline);
      if (end < 0) return none;
      this.#skip = 0;
      text = text.subarray(end + 1);
    }
    const last = text.lastIndexOf(newline);
    if (last >= 0) {
      const payload = this.#held.take(text.subarray(0, last + 1));
      this.#held.add(text.subarray(last + 1));
      return { payload, count: countRecords(payload), cut: 0 };
    }
    this.#held.add(text);
    if (this.#held.size < maxLineBytes) return none;
    this.#skip = Infinity;
    return { payload: this.#held.take(empty).subarray(0, maxLineBytes), count: 1, cut: 1 };
  }

  #octets(chunk: Buffer): Framed {
    const records: Buffer[] = [];
    let [text, cut] = [chunk, 0];
    this.#needed = 0;
    for (;;) {
      const skipped = Math.min(this.#skip, text.length);
      this.#skip -= skipped;
      text = afterBlanks(text.subarray(skipped));
      const header = lengthOf(text);
      if (typeof header === 'string') {
        this.#broken = header === 'none';
        break;
      }
      const wanted = Math.min(header.length, maxLineBytes);
      if (text.length - header.from < wanted) {
        this.#needed = header.from + wanted;
        break;
      }
      const record = oneRecord(text.subarray(header.from, header.from + wanted));
      if (record.length > 0) records.push(record, lineEnd);
      text = text.subarray(header.from + wanted);
      this.#skip = header.length - wanted;
      if (header.length > wanted) cut++;
    }
    this.#held.add(text);
    return records.length ? { payload: Buffer.concat(records), count: records.length / 2, cut } : none;
  }
}

/** Bytes that come in pieces of any size, a single one perhaps, at the cost of their length. */
class HeldBytes {
  #bytes: Buffer = empty;
  size = 0;

  add(chunk: Buffer): void {
    if (this.size + chunk.length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.size + chunk.length));
      this.#bytes.copy(larger, 0, 0, this.size);
      this.#bytes = larger;
    }
    chunk.copy(this.#bytes, this.size);
    this.size += chunk.length;
  }

  /** What is held and what follows it; nothing is held then. */
  take(more: Buffer): Buffer {
    if (this.size === 0) return more;
    this.add(more);
    const taken = this.#bytes.subarray(0, this.size);
    this.#bytes = empty;
    this.size = 0;
    return taken;
  }
}

/** A length, a blank and `<`: an octet count. Messages without a PRI begin with other digits (a year, an address), so `<` is asked for. */
function framingOf(chunk: Buffer): Framing | undefined {
  const text = afterBlanks(chunk);
  const header = lengthOf(text);
  if (header === 'more') return undefined;
  if (header === 'none') return 'lines';
  if (text.length <= header.from) return undefined;
  return text[header.from] === less ? 'octets' : 'lines';
}

/** Some senders end a counted message with a newline that they did not count. */
function afterBlanks(text: Buffer): Buffer {
  let at = 0;
  while (at < text.length && text[at]! <= space) at++;
  return text.subarray(at);
}

function lengthOf(text: Buffer): { readonly from: number; readonly length: number } | 'more' | 'none' {
  let length = 0;
  for (let at = 0; at <= maxDigits; at++) {
    if (at >= text.length) return 'more';
    const byte = text[at]!;
    if (byte === space && at > 0) return { from: at + 1, length };
    if (byte < 48 || byte > 57 || (at === 0 && byte === 48)) return 'none';
    length = length * 10 + byte - 48;
  }
  return 'none';
}
