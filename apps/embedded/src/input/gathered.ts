import { isUtf8 } from 'node:buffer';
import { splitRecords } from '#ingest';

/** A document above this is read as lines, as it stands. */
const largestDocument = 64 << 20;
/** How a document begins that holds many records: a list of objects, or an object whose first key is that of a list. */
const beginning =
  /^\s*(?:\[\s*\{|\{\s*"(?:Records|records|value|events|logEvents|messageType|resourceLogs|items|entries|authlogs|authlogs_v2|nextToken|@odata[\w.]*)"\s*:)/;
const pieceBytes = 1 << 18;

/**
 * Passes chunks on as they come, unless the input begins like a document of many records (an export of CloudTrail, Okta, Azure or OTLP, a JSON list): such a one is
 * gathered whole and becomes one record a line. Where it turns out to be something else, it is passed on as it was.
 */
export class GatheredDocument {
  readonly #largest: number;
  #chunks: Buffer[] | undefined;
  #size = 0;
  #begun = false;

  constructor(largest = largestDocument) {
    this.#largest = largest;
  }

  push(chunk: Buffer): readonly Buffer[] {
    if (!this.#begun && chunk.length > 0) {
      this.#begun = true;
      if (beginning.test(chunk.toString('latin1', 0, 200))) this.#chunks = [];
    }
    if (!this.#chunks) return [chunk];
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    return this.#size <= this.#largest ? [] : this.release();
  }

  /** What was gathered, as it came: the input broke off, or is too large. */
  release(): readonly Buffer[] {
    const gathered = this.#chunks ?? [];
    this.#chunks = undefined;
    return gathered;
  }

  end(): readonly Buffer[] {
    if (!this.#chunks) return [];
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = undefined;
    const lines = isUtf8(whole) ? recordsOf(whole.toString('utf8')) : undefined;
    return pieces(lines ? Buffer.from(`${lines.join('\n')}\n`) : whole);
  }
}

/** One document, or one on each line. */
function recordsOf(text: string): string[] | undefined {
  const records = splitRecords(text);
  if (records) return records;
  const lines = text.split('\n');
  const cut = lines.map((line) => splitRecords(line));
  return cut.some((found) => found) ? cut.flatMap((found, at) => found ?? [lines[at]!]) : undefined;
}

/** No larger than what is read at once elsewhere. */
function pieces(whole: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < whole.length; at += pieceBytes) found.push(whole.subarray(at, at + pieceBytes));
  return found;
}
