import { alternate, median, ratio, run } from '../measure.js';
import { gatewatch, hasOption } from '../product.js';
import { amount, atLeast, spread } from '../report.js';
import { rates, row } from './1-scan-fail2ban.js';
import type { Goal } from './goal.js';

/** `scan` with two workers against one. */
export const twoWorkers: Goal = {
  number: 10,
  title: 'scan, two workers ÷ one (lines per second, wall)',
  must: '≥ 1.6',
  aim: '≥ 1.85',
  async run({ options, workload }) {
    if (!hasOption('scan', '--workers')) return { measured: false, reason: 'gatewatch scan has no option --workers yet' };
    const log = await workload.access(options.lines ?? 2_000_000);
    const scan = (workers: number) => () => run(gatewatch(['scan', log.path, '--json', '--workers', String(workers)]));
    const pairs = await alternate(scan(2), scan(1), options.rounds);
    const found = ratio(pairs, (two, one) => one.wall / two.wall);
    const busy = median(pairs.b.map(({ cpu, wall }) => cpu / wall));
    return {
      measured: true,
      figure: found.median,
      shown: spread(found),
      verdict: atLeast(found.median, 1.6, 1.85),
      tables: [rates([row('two workers', log.lines, pairs.a), row('one worker', log.lines, pairs.b)])],
      notes: [
        `gatewatch scan access.log --json --workers 2, --workers 1 (${amount(log.lines)} lines)`,
        `one worker keeps ${busy.toFixed(2)} cores busy: two cannot gain more than the rest of the machine`,
      ],
      bound: 'the cores that are free, and what is not divided: start-up, reading, merging what was found',
    };
  },
};
