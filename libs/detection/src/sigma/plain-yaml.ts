/** A document read by {@link readPlainYaml}: its value, and the line (from 1) on which it begins. */
export interface PlainDocument {
  readonly value: unknown;
  readonly line: number;
}

interface Line {
  readonly indent: number;
  readonly text: string;
  /** Index into the file's lines. */
  readonly at: number;
}

/** Thrown inside for anything beyond the subset; never leaves this file. */
const beyond = new Error('beyond the subset of plain YAML');

/**
 * Reads the YAML that rule files are mostly written in: block maps and lists, scalars and lists of them on one line, literal and simple folded blocks. Undefined for anything else (other flow
 * collections, anchors, tags, repeated keys, errors …): then the library reads it. Ten times as fast as the library, and held to it by a property test.
 */
export function readPlainYaml(text: string): readonly PlainDocument[] | undefined {
  // eslint-disable-next-line no-control-regex
  if (/[\0-\x09\x0b-\x1f\x7f\ufeff]/.test(text)) return undefined;
  const all = text.split('\n');
  const found: PlainDocument[] = [];
  try {
    for (let at = 0; at < all.length;) {
      let end = at;
      while (end < all.length && !all[end]!.startsWith('---')) end++;
      if (end < all.length && all[end]!.trimEnd() !== '---') return undefined;
      const reader = new Reader(all, at, end);
      // Nothing before the first mark is no document; nothing between marks is an empty one.
      if (!reader.done) found.push({ line: reader.line, value: reader.document() });
      else if (at > 0) return undefined;
      at = end + 1;
    }
    return found;
  } catch (error) {
    if (error === beyond) return undefined;
    throw error;
  }
}

class Reader {
  readonly #lines: Line[] = [];
  #at = 0;

  constructor(
    private readonly all: readonly string[],
    from: number,
    to: number,
  ) {
    for (let at = from; at < to; at++) {
      const line = all[at]!;
      let indent = 0;
      while (line.charCodeAt(indent) === 32) indent++;
      if (indent === line.length || line.charCodeAt(indent) === 35) continue;
      this.#lines.push({ indent, text: line.slice(indent).trimEnd(), at });
    }
  }

  get done(): boolean {
    return this.#at >= this.#lines.length;
  }

  get line(): number {
    return this.#lines[this.#at]!.at + 1;
  }

  document(): unknown {
    const { indent, text } = this.#lines[0]!;
    if (indent !== 0 || isItem(text)) throw beyond;
    const value = this.#map(0);
    if (!this.done) throw beyond;
    return value;
  }

  #map(indent: number): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    while (!this.done && this.#lines[this.#at]!.indent === indent && !isItem(this.#lines[this.#at]!.text)) {
      const line = this.#lines[this.#at]!;
      this.#pair(map, line.text, indent);
    }
    if (!this.done && this.#lines[this.#at]!.indent > indent) throw beyond;
    return map;
  }

  /** One `key: value` whose key stands at `indent` of the line at hand. */
  #pair(map: Record<string, unknown>, text: string, indent: number): void {
    const { key, rest } = splitKey(text);
    if (Object.hasOwn(map, key) || key === '__proto__' || key === '<<') throw beyond;
    map[key] = this.#value(rest, indent);
  }

  /** What follows a key or a dash; lists may stand as far left as their key. */
  #value(rest: string, indent: number): unknown {
    const { at } = this.#lines[this.#at]!;
    if (rest === '|' || rest === '|-') return this.#literal(indent, at, rest === '|');
    if (rest === '>' || rest === '>-') return folded(this.#literal(indent, at, rest === '>'));
    this.#at++;
    const next = this.#lines[this.#at];
    if (rest !== '') {
      if (next && next.indent > indent) return this.#longScalar(rest, indent, at);
      return scalar(rest);
    }
    if (next?.text.startsWith('[') && next.indent > indent) return this.#ownLineList(next.text, indent);
    if (!next || next.indent < indent || (next.indent === indent && !isItem(next.text))) return null;
    return isItem(next.text) ? this.#list(next.indent) : next.indent > indent ? this.#map(next.indent) : null;
  }

  /** A list on the line below its key. */
  #ownLineList(text: string, indent: number): unknown[] {
    this.#at++;
    if (!this.done && this.#lines[this.#at]!.indent > indent) throw beyond;
    return flowList(withoutComment(text));
  }

  /** Plain words that go on in deeper lines, without marks that could end them. */
  #longScalar(first: string, indent: number, at: number): string {
    if (this.all[at]!.includes('#')) throw beyond;
    const parts = [first];
    for (let last = at; !this.done && this.#lines[this.#at]!.indent > indent; this.#at++) {
      const line = this.#lines[this.#at]!;
      if (line.at !== last + 1) throw beyond;
      last = line.at;
      parts.push(line.text);
    }
    const text = parts.join(' ');
    // A comment line or blank line after it would have been passed over.
    if (!/^[A-Za-z]/.test(first) || parts.some((part) => !/^[A-Za-z0-9(]/.test(part)) || /:(?: |$)|#/.test(text)) throw beyond;
    return text;
  }

  #list(indent: number): unknown[] {
    const list: unknown[] = [];
    while (!this.done && this.#lines[this.#at]!.indent === indent && isItem(this.#lines[this.#at]!.text)) {
      const line = this.#lines[this.#at]!;
      if (line.text === '-') throw beyond;
      let start = 1;
      while (line.text.charCodeAt(start) === 32) start++;
      const rest = line.text.slice(start);
      if (isItem(rest)) throw beyond;
      if (isPair(rest)) {
        this.#lines[this.#at] = { ...line, indent: indent + start, text: rest };
        list.push(this.#map(indent + start));
      } else list.push(this.#item(rest, indent));
    }
    if (!this.done && this.#lines[this.#at]!.indent > indent) throw beyond;
    return list;
  }

  #item(rest: string, indent: number): unknown {
    const text = withoutComment(rest);
    if (text === '' || /^[|>]/.test(text)) throw beyond;
    this.#at++;
    if (!this.done && this.#lines[this.#at]!.indent > indent) throw beyond;
    return scalar(text);
  }

  /** A literal block: lines deeper than its key, as they stand. */
  #literal(indent: number, at: number, keepLast: boolean): string {
    let end = at + 1;
    let depth = 0;
    const lines: string[] = [];
    for (; end < this.all.length; end++) {
      const line = this.all[end]!;
      const own = line.search(/[^ ]/);
      if (own < 0) {
        // Blanks only: more of them than the block is deep would belong to the text.
        if (line.length > (depth || indent)) throw beyond;
        lines.push('');
        continue;
      }
      if (depth === 0) depth = own;
      if (own <= indent || own < depth) break;
      lines.push(line.slice(depth));
    }
    if (depth <= indent) throw beyond;
    // A less deep line that is still deeper than the key is an error, and a comment there is for the library.
    const after = this.all[end];
    if (after !== undefined && after.search(/[^ ]/) > indent) throw beyond;
    if (after?.trimStart().startsWith('#')) throw beyond;
    while (!this.done && this.#lines[this.#at]!.at < end) this.#at++;
    while (lines.at(-1) === '') lines.pop();
    return lines.join('\n') + (keepLast ? '\n' : '');
  }
}

function isItem(text: string): boolean {
  return text === '-' || text.startsWith('- ');
}

const keyPattern = /^(?:'((?:[^']|'')*)'|([A-Za-z_][^:#]*)):(?: +(.*))?$/;

function isPair(text: string): boolean {
  return /^['"]/.test(text) ? !/^(?:'(?:[^']|'')*'|"(?:[^"\\]|\\.)*")(?: +#.*)?$/.test(text) : /:(?: |$)/.test(text);
}

function splitKey(text: string): { key: string; rest: string } {
  const match = keyPattern.exec(text);
  const plain = match?.[2];
  if (!match || (plain !== undefined && (plain.endsWith(' ') || typeof resolve(plain) !== 'string'))) throw beyond;
  return { key: plain ?? match[1]!.replaceAll("''", "'"), rest: withoutComment(match[3] ?? '') };
}

function withoutComment(text: string): string {
  if (text.startsWith('#')) return '';
  if (!text.includes(' #')) return text;
  const quoted = /^('(?:[^']|'')*'|"(?:[^"\\]|\\.)*") +#/.exec(text);
  if (quoted) return quoted[1]!;
  return /^['"]/.test(text) ? text : text.slice(0, text.indexOf(' #')).trimEnd();
}

function scalar(text: string): unknown {
  const first = text[0]!;
  if (first === '[') return flowList(text);
  if (first === "'") {
    if (!/^'(?:[^']|'')*'$/.test(text)) throw beyond;
    return text.slice(1, -1).replaceAll("''", "'");
  }
  if (first === '"') {
    // Only escapes that JSON has too.
    if (!/^"(?:[^"\\]|\\["\\/bfnrt])*"$/.test(text)) throw beyond;
    return JSON.parse(text);
  }
  if ('?:,[]{}#&*!|>%@`'.includes(first) || (first === '-' && !/^-[^\s-]/.test(text)) || /:(?: |$)/.test(text)) throw beyond;
  return resolve(text);
}

/** A flow list of scalars on one line; lists and maps in it are for the library. */
function flowList(text: string): unknown[] {
  if (!text.endsWith(']')) throw beyond;
  const inner = text.slice(1, -1).trim();
  const list: unknown[] = [];
  if (inner === '') return list;
  const item = /^('(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|[^\s,[\]{}'"#:?&*!|>%@`-][^,[\]{}'"#:]*)(?: *, *|$)/;
  for (let rest = inner; rest !== '';) {
    const match = item.exec(rest);
    if (!match) throw beyond;
    rest = rest.slice(match[0].length);
    // A comma at the end would be allowed; it is rare enough for the library.
    if (rest === '' && match[0].trimEnd().endsWith(',')) throw beyond;
    list.push(scalar(match[1]!.trimEnd()));
  }
  return list;
}

/** Folds the lines of a block where nothing but single line ends is to be folded. */
function folded(text: string): string {
  const end = text.endsWith('\n') ? '\n' : '';
  const lines = text.slice(0, text.length - end.length).split('\n');
  if (lines.some((line) => line === '' || line.startsWith(' '))) throw beyond;
  return lines.join(' ') + end;
}

/** YAML 1.2's core schema; what is no plain decimal is left to the library. */
function resolve(text: string): unknown {
  if (/^[A-Za-z_/\\]/.test(text)) {
    if (/^(?:null|Null|NULL)$/.test(text)) return null;
    return /^(?:true|True|TRUE)$/.test(text) ? true : /^(?:false|False|FALSE)$/.test(text) ? false : text;
  }
  if (/^[1-9]\d{0,14}$|^0$/.test(text)) return Number(text);
  if (/^(?:~|[-+]?(?:\.\d+|\d+\.?\d*)(?:[eE][-+]?\d+)?|0x[\da-fA-F]+|0o[0-7]+|[-+]?\.inf|\.nan)$/i.test(text)) throw beyond;
  return text;
}
