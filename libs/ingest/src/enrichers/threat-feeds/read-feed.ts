import { anySeparator, columnIndex, rowsOf, separatorOf } from '../../files/rows.js';
import { parsePrefix, type Prefix } from '../../networks/prefix.js';
import { addPlain, PrefixList } from '../../networks/prefix-list.js';
import type { FeedConfig } from './config.js';
import { isBelievable, shortest, type FeedContent, type Validity } from './feed-content.js';
import { readStix } from './read-stix.js';

/** Reads a feed; `changed` is when its file was last written. @throws Error when it holds nothing that can be used. */
export function readFeed(
  text: string,
  { column, confidence, expires }: Pick<FeedConfig, 'column' | 'confidence' | 'expires'>,
  changed: number,
): FeedContent {
  const usual: Validity = { confidence, from: -Infinity, until: changed + expires };
  const read = /^\s*\{/.test(text.slice(0, 1024)) ? readStix(text, usual) : readList(text, column, usual);
  if (read.groups.every(({ networks }) => networks.size === 0) && read.skipped > 0) throw new Error('it names no address that can be used');
  return read;
}

function readList(text: string, column: FeedConfig['column'], usual: Validity): FeedContent {
  const networks = new PrefixList();
  let skipped = 0;
  let place: number | undefined;
  let isFirst = true;
  let separators = anySeparator;
  for (let start = 0; start < text.length;) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    const from = start;
    const to = text.charCodeAt(end - 1) === 13 ? end - 1 : end;
    start = end + 1;
    // Most rows of most feeds have a plain address where one is looked for; all others, wide networks too, go the slow way.
    if ((!isFirst || column === undefined) && addPlace(text, { from, to, place: place ?? 0, separators }, networks)) {
      isFirst = false;
      continue;
    }
    const line = text.slice(from, to);
    if (isFirst && column !== undefined) separators = separatorOf(line);
    for (const row of rowsOf(line, separators)) {
      if (isFirst) place = columnIndex(column, row);
      const found = place === undefined ? firstAddress(row) : prefixesOf(row[place] ?? '');
      const usable = found.filter(isBelievable);
      for (const prefix of usable) networks.add(prefix);
      // The first row of a CSV may be its header.
      if (usable.length === 0 && (!isFirst || found.length > 0)) skipped++;
      isFirst = false;
    }
  }
  return { groups: [{ ...usual, networks }], skipped };
}

interface Place {
  readonly from: number;
  readonly to: number;
  /** Which value of the row. */
  readonly place: number;
  readonly separators: string;
}

/** Reads one value of a row in place, if neither a quote nor a comment stands before its end and it is a plain address. */
function addPlace(text: string, { from, to, place, separators }: Place, list: PrefixList): boolean {
  if (beginsNoRow(text.charCodeAt(from))) return false;
  let start = from;
  let end = from;
  let left = place;
  for (; end < to; end++) {
    const code = text.charCodeAt(end);
    if (code === 34 || code === 35) return false;
    if (!separators.includes(text[end]!)) continue;
    if (left === 0) break;
    left--;
    start = end + 1;
  }
  if (left > 0) return false;
  while (start < end && text.charCodeAt(start) === 32) start++;
  while (end > start && text.charCodeAt(end - 1) === 32) end--;
  return text.charCodeAt(start) !== 48 && addPlain(text, start, end, { list, shortest });
}

/** What may stand before the values, or make the row a comment. */
function beginsNoRow(code: number): boolean {
  return code <= 32 || code === 59 || code === 47;
}

function firstAddress(row: readonly string[]): readonly Prefix[] {
  for (const value of row.slice(0, 20)) {
    const found = prefixesOf(value.includes(' ') && !value.includes('-') ? value.slice(0, value.indexOf(' ')) : value);
    if (found.length) return found;
  }
  return [];
}

/** An address, a network, or a range of IPv4 addresses as the networks that it is made of. */
function prefixesOf(text: string): readonly Prefix[] {
  if (text.length < 2 || text.length > 64) return [];
  const dash = text.indexOf('-');
  if (dash < 0) {
    const prefix = parsePrefix(text);
    return prefix ? [prefix] : [];
  }
  const first = parsePrefix(text.slice(0, dash).trim());
  const last = parsePrefix(text.slice(dash + 1).trim());
  if (first?.first.length !== 1 || last?.last.length !== 1 || last.last[0]! < first.first[0]!) return [];
  return rangeOf(first.first[0]!, last.last[0]!);
}

function rangeOf(first: number, last: number): Prefix[] {
  const found: Prefix[] = [];
  for (let at = first; at <= last && found.length < 64;) {
    let size = 1;
    while (size < 2 ** 31 && at % (size * 2) === 0 && at + size * 2 - 1 <= last) size *= 2;
    found.push({ first: [at], last: [at + size - 1] });
    at += size;
  }
  return found;
}
