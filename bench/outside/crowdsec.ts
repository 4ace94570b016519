import { readdirSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Table } from '../report.js';
import { addressesOf, ruleName, type Player } from './play.js';

interface Expected {
  readonly alerts?: readonly { readonly scenario: string | null; readonly sources: readonly string[] }[] | null;
}

/** The logs of CrowdSec's scenarios: whether the same addresses are told of, by which of our rules. */
export function crowdsecTables(folder: string, player: Player): Table[] {
  const rows = readdirSync(folder)
    .sort()
    .map((name) => caseRow(join(folder, name), name, player));
  const loud = rows.filter(({ expected }) => expected > 0);
  const quiet = rows.filter(({ expected }) => expected === 0);
  const sum = (of: readonly CaseRow[], what: (row: CaseRow) => number): number => of.reduce((total, row) => total + what(row), 0);
  return [
    {
      head: ['crowdsec: case', 'lines read', 'sources alerted', 'others', 'our rules'],
      rows: [
        ...loud.map(({ cells }) => cells),
        [
          'all with alerts',
          '',
          `${sum(loud, ({ hit }) => hit)} / ${sum(loud, ({ expected }) => expected)}`,
          `${sum(loud, ({ others }) => others)}`,
          '',
        ],
      ],
    },
    {
      head: ['crowdsec: case without alerts', 'lines read', 'sources alerted', 'others', 'our rules'],
      rows: quiet.map(({ cells }) => cells),
    },
  ];
}

interface CaseRow {
  readonly expected: number;
  readonly hit: number;
  readonly others: number;
  readonly cells: readonly string[];
}

function caseRow(folder: string, name: string, player: Player): CaseRow {
  const log = readdirSync(folder).find((file) => file.endsWith('.log'))!;
  const { alerts } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected;
  const sources = new Set((alerts ?? []).flatMap(({ sources: own }) => own).filter((source) => isIP(source) !== 0));
  const { lines, told } = player.play(readFileSync(join(folder, log), 'utf8').split('\n'));
  const accused = new Set(told.flatMap(({ signal }) => addressesOf(signal)));
  const hit = [...sources].filter((source) => accused.has(source) || accused.has(prefixOf(source))).length;
  const others = [...accused].filter((address) => isIP(address) !== 0 && !sources.has(address)).length;
  const rules = [...new Set(told.map(({ signal }) => ruleName(signal)))];
  const shown = rules.length > 4 ? `${rules.slice(0, 4).join(', ')} and ${rules.length - 4} more` : rules.join(', ');
  const read = lines.filter(({ event }) => event).length;
  return {
    expected: sources.size,
    hit,
    others,
    cells: [name, `${read} / ${lines.length}`, sources.size ? `${hit} / ${sources.size}` : '–', String(others), shown || '–'],
  };
}

/** IPv6 addresses are grouped by their first half. */
function prefixOf(address: string): string {
  if (isIP(address) !== 6 || address.startsWith('::')) return '::/64';
  return `${address.split(':').slice(0, 4).map((part) => part.replace(/^0+(?=.)/, '')).join(':').replace(/:{2,}.*$/, '')}::/64`; // prettier-ignore
}
