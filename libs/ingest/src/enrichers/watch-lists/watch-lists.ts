import type { FieldValue } from '#ecs';
import { BoundedCache } from '../../bounded-cache.js';
import { columnIndex, rowsOf, separatorOf } from '../../files/rows.js';
import { versionsOf, WatchedFile } from '../../files/watched-file.js';
import { parsePrefix, type Prefix } from '../../networks/prefix.js';
import { buildPrefixTable, type PrefixTable } from '../../networks/prefix-table.js';
import { EMAIL, IP, SOURCE_LISTS, USER, USER_ID, USER_LISTS } from '../../slots.js';
import type { Enricher } from '../enricher.js';
import type { WatchListConfig } from './config.js';

interface List {
  readonly name: string;
  readonly networks: PrefixTable;
  readonly users: ReadonlySet<string>;
}

const none: readonly string[] = Object.freeze([]);

/** Which of the operator's lists hold `source.ip`, and which the user (id, name or email address, without case). */
export function watchLists(configured: readonly WatchListConfig[]): readonly Enricher[] {
  const files = configured.map((config) => new WatchedFile(config.file, (bytes) => readList(bytes.toString('utf8'), config)));
  let known = new BoundedCache<readonly string[]>(16_384);
  const listsOf = (ip: string): readonly string[] =>
    Object.freeze(files.flatMap(({ content: { name, networks } }) => (networks.find(ip) < 0 ? [] : [name])).sort());
  const problem = (): string | undefined => files.find((file) => file.problem !== undefined)?.problem;
  return [
    {
      name: 'watch-lists',
      fields: ['gatewatch.source.lists'],
      enrich({ values }) {
        const ip = values[IP];
        if (typeof ip !== 'string') return;
        let lists = known.get(ip);
        if (lists === undefined) known.set(ip, (lists = listsOf(ip)));
        if (lists.length) values[SOURCE_LISTS] ??= lists;
      },
      refresh() {
        if (files.map((file) => file.refresh()).includes(true)) known = new BoundedCache<readonly string[]>(16_384);
      },
      status: () => {
        const warning = problem();
        return warning === undefined ? {} : { warning };
      },
      version: () => versionsOf(configured, files),
    },
    {
      name: 'watch-lists-users',
      fields: ['gatewatch.user.lists'],
      reads: ['user.id'],
      enrich({ values }) {
        const names = [values[USER_ID], values[USER], values[EMAIL]].flatMap(lower);
        if (names.length === 0) return;
        const lists = files.flatMap(({ content: { name, users } }) => (names.some((each) => users.has(each)) ? [name] : []));
        values[USER_LISTS] ??= lists.length ? lists.sort() : undefined;
      },
    },
  ];
}

function lower(value: FieldValue): readonly string[] {
  return typeof value === 'string' && value.length <= 1024 ? [value.toLowerCase()] : none;
}

function readList(text: string, { name, column }: WatchListConfig): List {
  const prefixes: Prefix[] = [];
  const users = new Set<string>();
  let place: number | undefined;
  for (const row of rowsOf(text, separatorOf(text))) {
    if (place === undefined) {
      place = columnIndex(column, row)!;
      if (typeof column === 'string') continue;
    }
    const value = row[place] ?? '';
    const prefix = parsePrefix(value);
    if (prefix) prefixes.push(prefix);
    else if (value !== '') users.add(value.toLowerCase());
  }
  return { name, networks: buildPrefixTable(prefixes), users };
}
