import { alternate, median, ratio, run, type Command, type Run } from '../measure.js';
import { findProgram, gatewatch } from '../product.js';
import { amount, atLeast, megabytes, secondsOf, spread, type Table } from '../report.js';
import type { Goal } from './goal.js';

const peerLines = 50_000;
const regex = '^<ADDR> -.*"POST [^"]*" 401';

/** `scan` with every shipped rule against one regex of fail2ban. */
export const scanAgainstFail2ban: Goal = {
  number: 1,
  title: 'scan, shipped rules ÷ fail2ban-regex, one regex (lines per CPU second)',
  must: '≥ 2 ×',
  aim: '≥ 3.5 ×',
  async run({ options, workload }) {
    const fail2ban = findProgram('fail2ban-regex', 'FAIL2BAN_REGEX');
    if (!fail2ban) return { measured: false, reason: 'fail2ban-regex is not installed (Debian package fail2ban)' };
    const ours = await workload.access(options.lines ?? 1_000_000);
    const theirs = await workload.head(ours.path, Math.min(peerLines, ours.lines));
    const scan = gatewatch(['scan', ours.path, '--json']);
    const peer: Command = {
      program: fail2ban,
      args: ['--usedns', 'no', '--datepattern', '%d/%b/%Y:%H:%M:%S %z', theirs.path, regex],
      codes: [0, 1],
    };
    const pairs = await alternate(
      () => run(scan),
      () => run(peer),
      options.rounds,
    );
    const found = ratio(pairs, (a, b) => ours.lines / a.cpu / (theirs.lines / b.cpu));
    const start = await run(gatewatch(['scan', (await workload.head(ours.path, 1)).path, '--json']));
    return {
      measured: true,
      figure: found.median,
      shown: spread(found),
      verdict: atLeast(found.median, 2, 3.5),
      tables: [rates([row('gatewatch scan', ours.lines, pairs.a), row('fail2ban-regex', theirs.lines, pairs.b)])],
      notes: [
        `gatewatch scan access.log --json (${amount(ours.lines)} lines; one line alone takes ${secondsOf(start.cpu)} of CPU, included)`,
        `fail2ban-regex --usedns no --datepattern '%d/%b/%Y:%H:%M:%S %z' access.log '${regex}' (the first ${amount(theirs.lines)} lines)`,
      ],
      bound: 'cutting and parsing lines; a one-core share of garbage collection that Node runs beside it counts as CPU time, too',
    };
  },
};

/** A row of {@link rates}: medians. */
export function row(name: string, lines: number, runs: readonly Run[]): string[] {
  const [cpu, wall] = [median(runs.map((one) => one.cpu)), median(runs.map((one) => one.wall))];
  return [
    name,
    amount(lines),
    secondsOf(cpu),
    secondsOf(wall),
    amount(lines / cpu),
    amount(lines / wall),
    megabytes(Math.max(...runs.map(({ peakRss }) => peakRss))),
  ];
}

export function rates(rows: readonly (readonly string[])[]): Table {
  return { head: ['', 'lines', 'CPU', 'wall', 'per CPU s', 'per wall s', 'peak RSS'], rows };
}
