import { readFileSync } from 'node:fs';

type Tree = Readonly<Record<string, unknown>>;

const kept = [
  'type',
  'spec_version',
  'id',
  'created',
  'modified',
  'pattern_type',
  'pattern',
  'indicator_types',
  'confidence',
  'valid_from',
  'valid_until',
];
const longestPattern = 65_536;

interface Kept {
  readonly modified: string;
  /** The object as text; a tombstone where it was revoked. */
  readonly text: string;
  /** When it ends to hold, or a tombstone was set. */
  readonly end: number;
}

/**
 * The indicators of a collection by id, each in its latest version (STIX 2.1, 3.6). Of a collection only those of addresses are kept, and only what
 * the enricher reads of them. A revoked one leaves a tombstone, since an older version may come after it.
 */
export class Indicators {
  readonly #byId = new Map<string, Kept>();
  #bytes = 0;

  /** Bytes of the texts. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** What an earlier pull wrote; nothing where that cannot be read. */
  static read(file: string): Indicators | undefined {
    try {
      const bundle = JSON.parse(readFileSync(file, 'utf8')) as { objects?: unknown };
      if (!Array.isArray(bundle.objects)) return undefined;
      const found = new Indicators();
      for (const object of bundle.objects) found.add(object);
      return found;
    } catch {
      // The file is gone or broken: the collection is read from its beginning.
      return undefined;
    }
  }

  /** Takes an object of a page; tells whether anything is new. */
  add(object: unknown): boolean {
    if (!isTree(object) || object['type'] !== 'indicator') return false;
    const id = object['id'];
    if (typeof id !== 'string' || id.length > 128) return false;
    const modified = typeof object['modified'] === 'string' ? object['modified'] : '';
    const known = this.#byId.get(id);
    if (known && timeOf(known.modified) > timeOf(modified)) return false;
    const wanted = object['revoked'] !== true && isOfAddress(object);
    // One that never named an address is of no interest, nor is its end.
    if (!known && !wanted && object['revoked'] !== true) return false;
    const text = wanted ? JSON.stringify(object, kept) : JSON.stringify({ type: 'indicator', id, modified, revoked: true });
    if (known?.text === text) return false;
    this.#bytes += text.length - (known?.text.length ?? 0);
    this.#byId.set(id, { modified, text, end: wanted ? endOf(object['valid_until']) : timeOf(modified) });
    return true;
  }

  /** Forgets what has not held for a while; tombstones of that age too. */
  prune(before: number): void {
    for (const [id, { text, end }] of this.#byId) {
      if (end >= before) continue;
      this.#byId.delete(id);
      this.#bytes -= text.length;
    }
  }

  /** As a bundle, an object a line. */
  *bundle(): Generator<string> {
    yield '{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000000","objects":[';
    let waiting = '';
    let separator = '\n';
    for (const { text } of this.#byId.values()) {
      waiting += separator + text;
      separator = ',\n';
      if (waiting.length < 1 << 20) continue;
      yield waiting;
      waiting = '';
    }
    yield `${waiting}\n]}\n`;
  }
}

function isOfAddress({ pattern, pattern_type: kind }: Tree): boolean {
  return (
    (kind === undefined || kind === 'stix') &&
    typeof pattern === 'string' &&
    pattern.length <= longestPattern &&
    /\bipv[46]-addr/.test(pattern)
  );
}

function endOf(until: unknown): number {
  const time = typeof until === 'string' ? Date.parse(until) : NaN;
  return Number.isNaN(time) ? Infinity : time;
}

function timeOf(text: string): number {
  const time = Date.parse(text);
  return Number.isNaN(time) ? 0 : time;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
