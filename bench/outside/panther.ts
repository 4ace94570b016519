import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { slot } from '#ecs';
import type { Table } from '../report.js';
import { ruleName, type PlayedLine, type Player } from './play.js';

interface PantherRule {
  readonly DisplayName: string;
  readonly Tests?: readonly {
    readonly Name: string;
    readonly ExpectedResult: boolean;
    readonly Log?: Readonly<Record<string, unknown>>;
    readonly mocked?: boolean;
  }[];
}

interface Test {
  readonly rule: string;
  readonly name: string;
  readonly expected: boolean;
  readonly log: Readonly<Record<string, unknown>>;
}

/** Files of the set that ask what we ask, and what of an event answers it. */
const questions: readonly (readonly [title: string, files: RegExp, answer: (line: PlayedLine, player: Player) => boolean])[] = [
  ['login failure', /^standard\/brute_force_by_ip/, ({ matched }) => matched.includes('login_failure')],
  ['login that travel is told of', /impossible_travel_login|okta_login_signal/, ({ matched }) => matched.includes('login_with_place')],
  [
    'administration and policy',
    /^(?:Auth0\.Events|Okta\.SystemLog)\/(?!okta_login|okta_idp_signin)/,
    ({ matched }, { loud }) => matched.some((name) => loud.has(name) || /permission|account_changed|admin/.test(name)),
  ],
];

/** Unit tests of Panther's rules that hold an event: whether we see in it what they see. */
export function pantherTables(folder: string, player: Player): Table[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));
  const details: string[][] = [];
  const sums = questions.map(([title, wanted, answer]) => {
    const tests = files.filter((file) => wanted.test(file)).flatMap((file) => testsOf(join(folder, file)));
    const sum = { hit: 0, positive: 0, loud: 0, negative: 0, read: 0 };
    for (const test of tests) {
      const line = played(test, player);
      const said = line !== undefined && answer(line, player);
      if (line?.event) sum.read++;
      if (test.expected) sum.positive++;
      else sum.negative++;
      if (said && test.expected) sum.hit++;
      if (said && !test.expected) sum.loud++;
      if (said !== test.expected) details.push([title, `${test.rule}: ${test.name}`, test.expected ? 'missed' : 'told', shown(line)]);
    }
    return [title, `${sum.read} / ${tests.length}`, `${sum.hit} / ${sum.positive}`, `${sum.loud} / ${sum.negative}`];
  });
  return [
    {
      head: ['panther: question', 'events read', 'told where they tell', 'told where they do not'],
      rows: [...sums, travelRow(folder, player)],
    },
    { head: ['panther: where we differ', 'test', 'we', 'the event as we read it'], rows: details },
  ];
}

const login = /brute force/i;

function testsOf(file: string): Test[] {
  const { DisplayName: rule, Tests = [] } = JSON.parse(readFileSync(file, 'utf8')) as PantherRule;
  return Tests.flatMap(({ Name: name, ExpectedResult: expected, Log: log, mocked }) =>
    // A test that replaces a part of the rule expects what the event alone does not say; a failed login is one all the same.
    log && (!mocked || login.test(rule)) && Object.keys(log).length > 1 ? [{ rule, name, expected, log }] : [],
  );
}

/** The vendor's event, without what Panther added to it. */
function plain(log: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const own = Object.fromEntries(Object.entries(log).filter(([key]) => !key.startsWith('p_')));
  // Some tests leave the vendor's own stamp out, since Panther reads its own.
  const { p_event_time: time } = log;
  if (typeof time !== 'string' || timeNames.some((name) => name in own)) return own;
  return { ...own, [String(log['p_log_type']).startsWith('Okta') ? 'published' : 'created_at']: new Date(zoned(time)).toISOString() };
}

const timeNames = ['eventTime', 'published', 'created_at', 'timestamp', 'id', 'date', 'time'];

function played({ log }: Test, player: Player): PlayedLine | undefined {
  return player.play([JSON.stringify(plain(log))]).lines[0];
}

function shown(line: PlayedLine | undefined): string {
  if (!line?.event) return 'not read';
  const { values } = line.event;
  const named = ['event.dataset', 'event.action', 'event.outcome', 'user.name', 'source.ip'] as const;
  return named.map((name) => values[slot[name]] as string | undefined).filter((value) => value !== undefined).join(' ').slice(0, 80) || 'no fields'; // prettier-ignore
}

/** The travel cases with the history that they replace: the same login an hour before, from the other side of the earth. */
function travelRow(folder: string, player: Player): string[] {
  const { Tests = [] } = JSON.parse(readFileSync(join(folder, 'standard/impossible_travel_login.json'), 'utf8')) as PantherRule;
  const travels = Tests.filter(({ ExpectedResult, Log }) => ExpectedResult && Log);
  let told = 0;
  let read = 0;
  for (const { Log: log } of travels) {
    const event = plain(log!);
    const { lines, told: signals } = player.play([
      JSON.stringify(elsewhere(event, '139.130.4.5', 1)),
      JSON.stringify(elsewhere(event, '81.2.69.142', 0)),
    ]);
    if (lines.every((line) => line.event)) read++;
    if (signals.some(({ signal }) => ruleName(signal) === 'impossible_travel')) told++;
  }
  return ['impossible travel, history played', `${read} / ${travels.length}`, `${told} / ${travels.length}`, '–'];
}

/** The event from another address, so many hours earlier. */
function elsewhere(event: Record<string, unknown>, address: string, hours: number): unknown {
  return JSON.parse(JSON.stringify(event), (key: string, value: unknown) => {
    if (typeof value !== 'string') return value;
    if (/^(?:sourceIPAddress|ipAddress|ip|ip_address|client_ip_address)$/.test(key)) return address;
    if (/^(?:eventTime|published|created_at|timestamp)$/.test(key))
      return new Date(Date.parse(zoned(value)) - hours * 3_600_000).toISOString();
    return value;
  });
}

function zoned(time: string): string {
  return /(?:z|[+-]\d\d:?\d\d)$/i.test(time) ? time : `${time.replace(' ', 'T')}Z`;
}
