import { columnIndex, rowsOf } from '../../files/rows.js';
import { parsePrefix, type Prefix } from '../../networks/prefix.js';
import type { Confidence, FeedConfig } from './config.js';
import { readStix } from './read-stix.js';

/** One address or network that a feed names. */
export interface FeedEntry {
  readonly prefix: Prefix;
  readonly confidence: Confidence;
  /** From when to when it holds, in milliseconds. */
  readonly from: number;
  readonly until: number;
}

export interface FeedContent {
  readonly entries: readonly FeedEntry[];
  /** Rows or indicators that name no address, or one too wide to be believed. */
  readonly skipped: number;
}

const mostEntries = 2_000_000;
/** Half the internet on a list is a mistake, not a finding. */
const widest = { v4: 2 ** 24, v6: 2 ** 13 };

/** Reads a feed; `changed` is when its file was last written. @throws Error when it holds nothing that can be used. */
export function readFeed(text: string, { column, confidence, expires }: FeedConfig, changed: number): FeedContent {
  const defaults = { confidence, from: -Infinity, until: changed + expires };
  const read = /^\s*\{/.test(text.slice(0, 1024)) ? readStix(text, defaults) : readRows(text, column, defaults);
  const entries = read.entries.filter(({ prefix }) => isBelievable(prefix));
  const skipped = read.skipped + read.entries.length - entries.length;
  if (entries.length > mostEntries) throw new Error(`expected at most ${mostEntries} entries, found ${entries.length}`);
  if (entries.length === 0 && skipped > 0) throw new Error('it names no address that can be used');
  return { entries, skipped };
}

function readRows(text: string, column: FeedConfig['column'], defaults: Omit<FeedEntry, 'prefix'>): FeedContent {
  const entries: FeedEntry[] = [];
  let skipped = 0;
  let place: number | undefined;
  let isFirst = true;
  for (const row of rowsOf(text)) {
    if (isFirst) place = columnIndex(column, row);
    // The first row of a CSV may be its header.
    const wasFirst = isFirst;
    isFirst = false;
    const prefixes = place === undefined ? firstAddress(row) : prefixesOf(row[place] ?? '');
    for (const prefix of prefixes) entries.push({ prefix, ...defaults });
    if (prefixes.length === 0 && !wasFirst) skipped++;
  }
  return { entries, skipped };
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

function isBelievable({ first, last }: Prefix): boolean {
  if (first.length === 1) return last[0]! - first[0]! < widest.v4 && first[0] !== 0;
  return last[0]! - first[0]! < widest.v6;
}
