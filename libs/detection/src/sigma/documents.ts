import { isMap, isScalar, LineCounter, parseAllDocuments, type Document } from 'yaml';
import { readPlainYaml } from './plain-yaml.js';
import type { RuleProblem } from './rule.js';

/** A rule file as read: the name is what problems show. */
export interface RuleFile {
  readonly file: string;
  readonly text: string;
}

export type Path = readonly (string | number)[];
export type Content = Readonly<Record<string, unknown>>;

/** One YAML document that is a map, with a way back from each value to its line. */
export interface RuleDocument {
  readonly file: string;
  /** Position in its file, from 0. */
  readonly position: number;
  readonly content: Content;
  lineOf(path: Path): number;
}

/** A place in a document: where a problem is reported. */
export class Place {
  constructor(
    readonly document: RuleDocument,
    private readonly problems: RuleProblem[],
    private readonly parent?: Place,
    private readonly keys: Path = [],
  ) {}

  // Put together only when something is wrong: a rule has hundreds of places.
  get path(): Path {
    return this.parent ? [...this.parent.path, ...this.keys] : this.keys;
  }

  at(...keys: Path): Place {
    return new Place(this.document, this.problems, this, keys);
  }

  /** Notes a problem; the message begins with the path inside the document, so that it reads alone. */
  fail(message: string): undefined {
    const { file } = this.document;
    const { path } = this;
    const where = path.length ? `${path.join('.')}: ` : '';
    this.problems.push({ file, line: this.document.lineOf(path), message: where + message });
    return undefined;
  }
}

/**
 * Reads the documents of a file. `action: global` (Sigma 1) gives its content to every document after it, `action: reset` ends that,
 * `action: repeat` starts from the document before.
 */
export function readDocuments(file: RuleFile, problems: RuleProblem[]): RuleDocument[] {
  const found: RuleDocument[] = [];
  let global: Content = {};
  for (const document of readJson(file) ?? readPlain(file) ?? readAll(file, problems)) {
    const { action, ...content } = document.content;
    const place = new Place(document, problems);
    const { file: name, position, lineOf } = document;
    const add = (whole: Content): number => found.push({ file: name, position, content: whole, lineOf });
    if (action === undefined) add(Object.keys(global).length ? merge(global, content) : document.content);
    else if (action === 'global') global = merge(global, content);
    else if (action === 'reset') [global] = [{}, add(content)];
    else if (action === 'repeat') add(merge(found.at(-1)?.content ?? global, content));
    else place.at('action').fail(`unknown action ${show(action)}, expected global, reset or repeat`);
  }
  return found;
}

/**
 * JSON is YAML, and is read many times faster as what it is. Where it is not wholly plain (a key twice, a merge key) the YAML reader has the say, and tells what
 * is wrong.
 */
function readJson({ file, text }: RuleFile): RuleDocument[] | undefined {
  if (!/^\uFEFF?\s*\{/.test(text) || text.includes('"<<"')) return undefined;
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    // Flow maps of YAML begin alike.
    return undefined;
  }
  if (!isContent(content) || keysWritten(text) !== keysOf(content)) return undefined;
  const line = text.slice(0, text.indexOf('{')).split('\n').length;
  let located: RuleDocument | undefined;
  const lineOf = (path: Path): number => (path.length === 0 ? line : ((located ??= readAll({ file, text }, [])[0])?.lineOf(path) ?? line));
  return [{ file, position: 0, content, lineOf }];
}

/** Keys in the text of a JSON document: strings before a colon. */
function keysWritten(text: string): number {
  let count = 0;
  for (const [, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"\s*(:?)/g)) if (colon) count++;
  return count;
}

/** Keys in what was read: fewer than were written where one was there twice. */
function keysOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return (value as unknown[]).reduce<number>((sum, item) => sum + keysOf(item), 0);
  return Object.values(value).reduce<number>((sum, inner) => sum + 1 + keysOf(inner), 0);
}

/** The common case. Where something is wrong with a rule, the library reads the file again to tell the line. */
function readPlain(file: RuleFile): RuleDocument[] | undefined {
  const text = file.text.includes('\r') ? file.text.replaceAll('\r\n', '\n') : file.text;
  const plain = readPlainYaml(text.startsWith('\uFEFF') ? text.slice(1) : text);
  if (!plain) return undefined;
  let located: readonly RuleDocument[] | undefined;
  return plain.map(({ value, line }, position) => ({
    file: file.file,
    position,
    content: value as Content,
    lineOf: (path) => (path.length === 0 ? line : ((located ??= readAll(file, []))[position]?.lineOf(path) ?? line)),
  }));
}

function readAll({ file, text }: RuleFile, problems: RuleProblem[]): RuleDocument[] {
  const counter = new LineCounter();
  return [...parseAll(text, counter).entries()].flatMap(
    ([position, parsed]) => readOne(parsed, { file, position, counter, problems }) ?? [],
  );
}

interface Reading {
  readonly file: string;
  readonly position: number;
  readonly counter: LineCounter;
  readonly problems: RuleProblem[];
}

function parseAll(text: string, lineCounter: LineCounter): Document.Parsed[] {
  const parsed = parseAllDocuments(text.replace(/^\uFEFF/, ''), { lineCounter, prettyErrors: false, merge: true });
  return Array.isArray(parsed) ? parsed : [];
}

function readOne(parsed: Document.Parsed, { file, position, counter, problems }: Reading): RuleDocument | undefined {
  const line = (offset: number): number => counter.linePos(offset).line;
  for (const error of [...parsed.errors, ...parsed.warnings])
    problems.push({ file, line: line(error.pos[0]), message: `not valid YAML: ${error.message}` });
  if (parsed.errors.length) return undefined;
  let content: unknown;
  try {
    content = parsed.toJS({ maxAliasCount: 100 });
  } catch (error) {
    problems.push({ file, line: 1, message: `not usable YAML: ${(error as Error).message}` });
    return undefined;
  }
  if (content === null) return undefined; // An empty document, such as a trailing `---`.
  if (!isContent(content)) {
    problems.push({
      file,
      line: line(parsed.contents?.range[0] ?? 0),
      message: `a rule is a map of keys, this document is ${kindOf(content)}`,
    });
    return undefined;
  }
  return { file, position, content, lineOf: (path) => line(offsetOf(parsed, path)) };
}

/** Offset of the key (or list item) that `path` names, or of the nearest one above it. */
function offsetOf(parsed: Document.Parsed, path: Path): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent: unknown = parsed.getIn(path.slice(0, depth - 1), true);
    const last = path[depth - 1];
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(last));
      if (pair && isScalar(pair.key) && pair.key.range) return pair.key.range[0];
    }
    const node: unknown = parsed.getIn(path.slice(0, depth), true);
    const range = (node as { range?: readonly number[] } | undefined)?.range;
    if (range) return range[0]!;
  }
  return parsed.contents?.range[0] ?? 0;
}

function merge(base: Content, over: Content): Content {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const present = merged[key];
    merged[key] = isContent(present) && isContent(value) ? merge(present, value) : value;
  }
  return merged;
}

export function isContent(value: unknown): value is Content {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as a message shows it: short, on one line. */
export function show(value: unknown): string {
  const text = (typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value))).replace(/\s+/g, ' ');
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : `the ${typeof value} ${show(value)}`;
}
