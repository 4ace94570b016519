import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { percent, type Table } from '../report.js';
import type { PlayedLine, Player } from './play.js';

interface Payload {
  readonly value: string;
  readonly kind: string;
}

/** Labelled values of parameters (HttpParamsDataset), each put into a search field: how many of each kind any rule names. */
export function payloadTables(folder: string, player: Player): Table[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.csv.gz'));
  const payloads = files.flatMap((file) => payloadsOf(gunzipSync(readFileSync(join(folder, file))).toString('utf8')));
  let played: PlayedLine | undefined;
  const playing = player.open((line) => (played = line));
  const sums = new Map<string, { values: number; named: number }>();
  for (const { value, kind } of payloads) {
    const sum = sums.get(kind) ?? { values: 0, named: 0 };
    sums.set(kind, sum);
    sum.values++;
    playing.read(Buffer.from(lineOf(value)));
    if (played?.matched.some((name) => player.loud.has(name))) sum.named++;
  }
  const rows = [...sums].map(([kind, { values, named }]) => [kind, String(values), `${named} (${percent(named / values)})`]);
  return [{ head: ['payloads: kind', 'values', 'named by any rule'], rows }];
}

function lineOf(value: string): string {
  const query = encodeURIComponent(value.toWellFormed());
  return `203.0.113.9 - - [14/Nov/2025:10:00:00 +0000] "GET /search?q=${query} HTTP/1.1" 200 512 "-" "Mozilla/5.0"\n`;
}

/** CSV with quoted fields over several lines: `payload,length,attack_type,label`. */
function payloadsOf(text: string): Payload[] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    if (row.length > 1) rows.push(row);
    row = [];
  }
  return rows.slice(1).map(([value = '', , kind = '']) => ({ value, kind }));
}
