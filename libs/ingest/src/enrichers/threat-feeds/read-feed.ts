import { columnIndex, rowsOf } from '../../files/rows.js';
import { parsePrefix, type Prefix } from '../../networks/prefix.js';
import { addPlainV4, PrefixList } from '../../networks/prefix-list.js';
import type { FeedConfig } from './config.js';
import { isBelievable, type FeedContent, type Validity } from './feed-content.js';
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
  for (let start = 0; start < text.length;) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    const from = start;
    const to = text.charCodeAt(end - 1) === 13 ? end - 1 : end;
    start = end + 1;
    // Most rows of most feeds are an address and nothing else; a wide one goes the slow way, which refuses it.
    if (column === undefined && isNarrow(text, from, to) && addPlainV4(text, from, to, networks)) {
      isFirst = false;
      continue;
    }
    for (const row of rowsOf(text.slice(from, to))) {
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

/** Whether a row has no prefix length, or one of two digits from 8 on, and does not begin with 0. */
function isNarrow(text: string, from: number, to: number): boolean {
  if (text.charCodeAt(from) === 48) return false;
  const slash = text.charCodeAt(to - 2) === 47 ? to - 2 : text.charCodeAt(to - 3) === 47 ? to - 3 : -1;
  if (slash < 0) return true;
  const bits = Number(text.slice(slash + 1, to));
  return bits >= 8;
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
