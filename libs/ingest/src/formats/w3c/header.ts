import type { Parse } from '../format.js';
import { compileW3cFields, type W3cFields } from './fields.js';
import { columnsByLook, fillColumns, isDirective } from './w3c.js';
import { DATASET, MODULE } from '../../slots.js';
import type { SourceSettings } from '../../source.js';

const mark = '#Fields:';
const newline = 10;
const longest = 4096;

/**
 * The `#Fields:` line that holds behind a payload, or behind its first `end` bytes, where `before` held at its beginning. Whoever cuts a log into batches
 * gives each the one that held before it, so it does not matter where the cuts are.
 */
export function headerAfter(payload: Uint8Array, before: string | undefined, end = payload.length): string | undefined {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, end);
  if (bytes.indexOf(mark) < 0) return before;
  for (let at = bytes.lastIndexOf(mark); at >= 0; at = at === 0 ? -1 : bytes.lastIndexOf(mark, at - 1)) {
    if (at > 0 && bytes[at - 1] !== newline) continue;
    const next = bytes.indexOf(newline, at);
    const text = bytes.toString('utf8', at, Math.min(next < 0 ? bytes.length : next, at + longest + 1)).trimEnd();
    if (text.length <= longest) return text;
  }
  return before;
}

/** Whether `#Fields:` lines are believed: not where another format was declared. */
export function takesHeader({ format }: Pick<SourceSettings, 'format'>): boolean {
  return format === 'auto' || format === 'w3c' || (typeof format === 'object' && format.kind === 'w3c');
}

interface Columns extends W3cFields {
  readonly dataset: string;
}

/** The columns of records that follow a `#Fields:` line. */
export class LogHeader {
  #columns: Columns | undefined;

  /** @param text The line that held before the first record. */
  constructor(text: string | undefined) {
    if (text !== undefined) this.#columns = columnsOf(text);
  }

  /** Takes note of a line, and gives the parser for it if it is a record with these columns. */
  parserOf(line: string): Parse | undefined {
    if (line.charCodeAt(0) === 35) {
      if (line.startsWith(mark) && line.length <= longest) this.#columns = columnsOf(line);
      return undefined;
    }
    const columns = this.#columns;
    return columns && fits(line, columns) ? this.#parse : undefined;
  }

  readonly #parse: Parse = (line, event, scope) => {
    const fields = this.#columns!;
    const words = wordsOf(line, fields);
    const dataset = columnsByLook(line, words)?.dataset ?? fields.dataset;
    event.values[MODULE] = dataset.slice(0, dataset.indexOf('.'));
    event.values[DATASET] = dataset;
    return fillColumns(event, { words, fields, scope });
  };
}

function wordsOf(line: string, { setters }: W3cFields): string[] {
  return line.split(line.includes('\t') ? '\t' : ' ', setters.length + 1);
}

/** Lines of several logs may follow each other, so that a record must look like one of this. */
function fits(line: string, columns: Columns): boolean {
  const words = wordsOf(line, columns);
  return (
    words.length === columns.setters.length && /^\d{4}-\d\d-\d\d$/.test(words[columns.date]!) && /^"?\d\d:\d\d/.test(words[columns.time]!)
  );
}

const known = new Map<string, Columns | undefined>();
const mostKnown = 64;

function columnsOf(text: string): Columns | undefined {
  if (known.has(text)) return known.get(text);
  if (known.size >= mostKnown) known.clear();
  const columns = compiled(text);
  known.set(text, columns);
  return columns;
}

/** None for CloudFront's, whose lines tell what they are and have a parser of their own, nor without a date in each record. */
function compiled(text: string): Columns | undefined {
  const result = isDirective(text) ? compileW3cFields(text) : undefined;
  if (!result?.ok || /\sx-edge-/i.test(text)) return undefined;
  return { ...result.fields, dataset: /\s(?:sc-win32-status|sc-substatus|s-sitename)\b/i.test(text) ? 'iis.access' : 'w3c.access' };
}
