import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { percent, type Table } from '../report.js';
import { addressesOf, ruleName, type Player } from './play.js';

interface Case {
  readonly class: string;
  readonly paranoia: number;
  readonly attack: boolean;
  readonly line: string;
  readonly user_agent: string;
}

/** Requests of the Core Rule Set's own tests: how many of each class of attack a rule names, and how many harmless ones. */
export function crsTables(folder: string, player: Player): Table[] {
  const cases = readdirSync(folder).flatMap((name) =>
    readdirSync(join(folder, name)).flatMap((file) =>
      readFileSync(join(folder, name, file), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Case),
    ),
  );
  const isFound = finder(player);
  const found = new Map(cases.map((each) => [each, isFound(each)]));
  const share = (chosen: readonly Case[]): string => {
    const hits = chosen.filter((each) => found.get(each)).length;
    return chosen.length ? `${hits} / ${chosen.length} (${percent(hits / chosen.length)})` : '–';
  };
  const row = (name: string, own: readonly Case[]): string[] => [
    name,
    share(own.filter(({ attack, paranoia }) => attack && paranoia === 1)),
    share(own.filter(({ attack, paranoia }) => attack && paranoia > 1)),
    share(own.filter(({ attack }) => !attack)),
  ];
  const classes = [...new Set(cases.map((each) => each.class))].sort();
  return [
    {
      head: ['crs: class', 'attacks found, paranoia 1', 'attacks found, 2 to 4', '"must not fire" named by any rule'],
      rows: [
        ...classes.map((name) =>
          row(
            name,
            cases.filter((each) => each.class === name),
          ),
        ),
        row('all', cases),
      ],
    },
  ];
}

/** The agent of the test programs is none of the attack: what it alone brings is not counted. */
function finder(player: Player): (each: Case) => boolean {
  const plain = '203.0.113.9 - - [14/Nov/2025:10:00:00 +0000] "GET / HTTP/1.1" 200 512 "-" "OWASP CRS test agent"';
  const usual = new Set(player.play([plain]).lines[0]?.matched);
  return ({ line }) => (player.play([line]).lines[0]?.matched ?? []).some((name) => player.loud.has(name) && !usual.has(name));
}

/** Signals on a public site's log of three days, which holds some real probing: whoever reads it decides which of them are false. */
export function apacheTable(file: string, player: Player): Table {
  const playing = player.open();
  playing.read(gunzipSync(readFileSync(file)));
  const signals = playing.finish().map(({ signal }) => signal);
  const rules = [...new Set(signals.map(ruleName))].sort();
  if (rules.length === 0) rules.push('none');
  return {
    head: [`Apache log, ${playing.events} events: rule`, 'level', 'signals', 'addresses', 'for example'],
    rows: rules.map((name) => {
      const own = signals.filter((signal) => ruleName(signal) === name);
      const example = (own[0]?.reason ?? '').replace(/ \(rule asks.*/, '');
      return [
        name,
        own[0]?.rule.level ?? '–',
        String(own.length),
        String(new Set(own.flatMap(addressesOf)).size),
        example.length > 70 ? `${example.slice(0, 69)}…` : example,
      ];
    }),
  };
}
