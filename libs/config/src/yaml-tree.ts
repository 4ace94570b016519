import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Environment } from './environment.js';
import { interpolate } from './interpolate.js';
import { formatPath, type ConfigProblem, type Path, type Place } from './problem.js';
import { Tree } from './tree.js';

/** A configuration is written by hand: these are far above that, and far below what hurts. */
const maxNodes = 20_000;
const maxDepth = 64;

const remedies: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  BLOCK_AS_IMPLICIT_KEY: 'put the text in quotes, or start the nested mapping on a line of its own',
  BAD_INDENT: 'check how far the line is indented, and that quotes and brackets are closed',
  MISSING_CHAR: 'a quote, bracket or colon is missing at or before this place',
  MULTIPLE_DOCS: 'keep one document in the file: remove the `---` line',
};

/** Reads YAML into a tree with places and interpolates its texts. Problems are collected in `problems`; `undefined` if the text is not YAML. */
export function readTree(text: string, file: string, env: Environment, problems: ConfigProblem[]): Tree | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false, logLevel: 'error' });
  for (const { code, message, pos } of document.errors.slice(0, 20)) {
    const { line, col: column } = lines.linePos(pos[0]);
    problems.push({ file, line, column, path: '', message: `not valid YAML: ${firstLine(message)}`, remedy: remedies[code] });
  }
  if (document.errors.length) return undefined;
  const reader = new Reader(document, { file, lines, env, problems });
  return reader.read();
}

interface Context {
  readonly file: string;
  readonly lines: LineCounter;
  readonly env: Environment;
  readonly problems: ConfigProblem[];
}

class Reader {
  readonly #tree: Tree;
  #nodes = 0;

  constructor(
    private readonly document: Document.Parsed,
    private readonly context: Context,
  ) {
    this.#tree = new Tree(context.file);
  }

  read(): Tree | undefined {
    const { contents } = this.document;
    if (contents === null) return this.#tree;
    if (!isMap(contents)) {
      this.#problem([], this.#placeOf(contents), 'expected a mapping (`key: value` lines) at the top of the file');
      return undefined;
    }
    this.#tree.root = this.#value(contents, []);
    return this.#tree;
  }

  #value(node: Node | null, path: Path): unknown {
    if (++this.#nodes > maxNodes || path.length > maxDepth) {
      // Told once: an alias bomb would give thousands.
      if (!this.#tree.isBroken([]))
        this.#problem(path.slice(0, 5), this.#placeOf(node), 'nested or repeated too often (aliases included)', 'write the values out');
      this.#tree.breakAt([]);
      return undefined;
    }
    if (isAlias(node)) {
      const target = node.resolve(this.document);
      if (target) return this.#value(target, path);
      this.#problem(path, this.#placeOf(node), `there is no anchor \`&${node.source}\` above this`);
      return undefined;
    }
    if (isMap(node)) return this.#mapping(node, path);
    if (isSeq(node)) return node.items.map((entry, index) => this.#entry(entry as Node | null, [...path, index]));
    if (!isScalar(node)) return null;
    return typeof node.value === 'string' ? this.#text(node.value, path, this.#placeOf(node)) : node.value;
  }

  #entry(node: Node | null, path: Path): unknown {
    const place = this.#placeOf(node);
    this.#tree.writtenAt(path, place);
    return this.#value(node, path);
  }

  #mapping(node: YAMLMap, path: Path): unknown {
    const mapping: Record<string, unknown> = {};
    for (const pair of node.items as Pair<Node | null, Node | null>[]) {
      const place = this.#placeOf(pair.key);
      const key = isScalar(pair.key) ? String(pair.key.value) : undefined;
      const at = key === undefined ? path : [...path, key];
      if (key === undefined) this.#problem(path, place, 'expected a text as key');
      else if (key === '__proto__') this.#problem(at, place, 'this key is not allowed');
      else if (key === '<<')
        this.#problem(at, place, 'merge keys are not supported', 'write the keys out, or use an alias for the whole value');
      else if (Object.hasOwn(mapping, key)) {
        const first = this.#tree.placeOf(at, 'key').line;
        this.#problem(at, place, `given twice, the first time in line ${first}`, 'remove one of them');
      } else {
        this.#tree.writtenAt(at, place, pair.value?.range ? this.#placeOf(pair.value) : place);
        mapping[key] = this.#value(pair.value, at);
      }
    }
    return mapping;
  }

  #text(text: string, path: Path, place: Place): unknown {
    if (!text.includes('${')) return text;
    const { text: replaced, used, missing, malformed } = interpolate(text, this.context.env);
    for (const name of missing) {
      this.#problem(path, place, `the environment variable ${name} is not set`, `set it, or give a default: \${${name}:-value}`);
      this.#tree.breakAt(path);
    }
    if (malformed !== undefined) {
      this.#problem(path, place, `expected \${NAME} or \${NAME:-default}, got "${malformed}"`, 'write $${ for a literal ${');
      this.#tree.breakAt(path);
    }
    if (used.length) this.#tree.soft.set(JSON.stringify(path), { path, origin: used.join(', ') });
    return replaced;
  }

  #placeOf(node: Node | null | undefined): Place {
    const offset = node?.range?.[0];
    if (offset === undefined) return { file: this.context.file };
    const { line, col: column } = this.context.lines.linePos(offset);
    return { file: this.context.file, line, column };
  }

  #problem(path: Path, place: Place, message: string, remedy?: string): void {
    this.context.problems.push({ ...place, path: formatPath(path), message, remedy });
  }
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]!.replace(/:$|; please use.*/, '');
}
