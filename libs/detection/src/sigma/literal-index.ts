import { fold } from './pattern.js';

/** A text to look for in values of one field. */
export interface Literal {
  /** What {@link LiteralIndex.scan} reports. */
  readonly id: number;
  readonly text: string;
  readonly anchor: 'contains' | 'startswith' | 'endswith';
  readonly cased: boolean;
}

interface Entry {
  readonly literal: Literal;
  /** Folded text. */
  readonly folded: string;
  /** Distance from the literal's first character to the last one of its gram. */
  readonly back: number;
  /** Scan that found it last: it is reported once. */
  seen: number;
}

const gram = 3;
const size = 1 << 15;
const mask = size - 1;

/**
 * Finds which of many literals occur in a text, in one walk over it. Of each literal one gram of three characters is chosen, rare ones first; a table
 * says for each three characters of the text whether to look closer. A character gives five bits, so the hash forgets a character after exactly
 * three steps. Setting bit 5 makes ASCII letters alike in both cases: other characters that it makes alike only cost a closer look.
 */
export class LiteralIndex {
  readonly #flags = new Uint8Array(size);
  readonly #entries = new Map<number, Entry[]>();
  #round = 0;
  /** Of the text that is being scanned, made when first needed. */
  #folded: string | undefined;

  constructor(literals: readonly Literal[]) {
    // Long literals have the choice; short ones take what is left over to them: every gram that ends with them.
    for (const literal of [...literals].sort((a, b) => a.text.length - b.text.length || a.id - b.id)) this.#add(literal);
  }

  #add(literal: Literal): void {
    const folded = fold(literal.text);
    const start = folded.length < gram ? 0 : this.#rarest(folded);
    const back = Math.min(folded.length, gram) - 1 + start;
    const entry: Entry = { literal, folded, back, seen: 0 };
    if (folded.length >= gram)
      this.#put(hashOf(folded.charCodeAt(start), folded.charCodeAt(start + 1), folded.charCodeAt(start + 2)), entry);
    else for (const hash of hashes(folded)) this.#put(hash, entry);
  }

  #put(hash: number, entry: Entry): void {
    this.#flags[hash] = 1;
    const there = this.#entries.get(hash);
    if (there) there.push(entry);
    else this.#entries.set(hash, [entry]);
  }

  #rarest(folded: string): number {
    let best = 0;
    let least = Infinity;
    for (let i = 0; i + gram <= folded.length; i++) {
      const [a, b, c] = [folded.charCodeAt(i), folded.charCodeAt(i + 1), folded.charCodeAt(i + 2)];
      const cost = (this.#entries.get(hashOf(a, b, c))?.length ?? 0) * 20 + commonness(a) + commonness(b) + commonness(c);
      if (cost < least) [best, least] = [i, cost];
    }
    return best;
  }

  /** Adds the ids of the literals that occur in `text` to `found`, each once. */
  scan(text: string, found: number[]): void {
    const round = ++this.#round;
    const flags = this.#flags;
    const { length } = text;
    this.#folded = undefined;
    let hash = 0;
    let seen = 0;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      seen |= code;
      hash = ((hash << 5) ^ (code | 32)) & mask;
      if (flags[hash] !== 0) {
        if (seen > 127) break; // Scanned as a whole below.
        this.#look(hash, text, i, found);
      }
    }
    if (seen > 127) this.#scanWide(text, found, round);
  }

  /** Everything up to `end` is ASCII; if more follows, the wide scan has the last word on ends. */
  #look(hash: number, text: string, end: number, found: number[]): void {
    const entries = this.#entries.get(hash)!;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]!;
      const start = end - entry.back;
      if (entry.seen === this.#round || start < 0) continue;
      const { anchor, cased } = entry.literal;
      if (anchor === 'startswith' && start !== 0) continue;
      const folded = (this.#folded ??= text.toLowerCase());
      if (anchor === 'endswith' && start + entry.folded.length !== folded.length) continue;
      if (cased ? !text.startsWith(entry.literal.text, start) : !folded.startsWith(entry.folded, start)) continue;
      entry.seen = this.#round;
      found.push(entry.literal.id);
    }
  }

  /** Beyond ASCII, folding can change lengths: places are those of the folded text, and cased literals are asked of the text itself. */
  #scanWide(text: string, found: number[], round: number): void {
    const folded = fold(text);
    let hash = 0;
    for (let i = 0; i < folded.length; i++) {
      hash = ((hash << 5) ^ (folded.charCodeAt(i) | 32)) & mask;
      if (this.#flags[hash] === 0) continue;
      for (const entry of this.#entries.get(hash)!) {
        if (entry.seen === round) continue;
        if (
          !(entry.literal.cased ? holds(text, entry.literal.text, entry.literal.anchor) : holds(folded, entry.folded, entry.literal.anchor))
        )
          continue;
        entry.seen = round;
        found.push(entry.literal.id);
      }
    }
  }
}

function holds(text: string, literal: string, anchor: Literal['anchor']): boolean {
  if (anchor === 'contains') return text.includes(literal);
  return anchor === 'startswith' ? text.startsWith(literal) : text.endsWith(literal);
}

/** The hash of a whole gram. */
function hashOf(a: number, b: number, c: number): number {
  return ((((((a | 32) << 5) ^ (b | 32)) << 5) & mask) ^ (c | 32)) & mask;
}

/** Every hash that the walk can have after the last character of a text shorter than a gram: the characters before it count too. */
function hashes(text: string): number[] {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = ((hash << 5) ^ (text.charCodeAt(i) | 32)) & mask;
  const free = (gram - text.length) * 5;
  return Array.from({ length: 1 << free }, (_, high) => hash ^ (high << (15 - free)));
}

const expected = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  return 'etaoinsrcl/. '.includes(char) ? 4 : /[a-z0-9\\%=&_-]/.test(char) ? 2 : 0;
});

/** How often a character is to be expected in paths, queries and command lines: a rough guess that only decides speed. */
function commonness(code: number): number {
  return code < 128 ? expected[code]! : 0;
}
