import { median, run, type Run } from '../measure.js';
import { gatewatch } from '../product.js';
import { amount, atMost, megabytes, percent, secondsOf } from '../report.js';
import type { Goal } from './goal.js';

const mega = 1e6;

/** Memory of `scan`, and whether it grows with the log. */
export const scanMemory: Goal = {
  number: 12,
  title: 'peak RSS of scan; growth to ten times the lines',
  must: '≤ 300 MB, ≤ 10 %',
  aim: '≤ 150 MB',
  async run({ options, workload }) {
    const lines = options.lines ?? 1_000_000;
    const amounts = options.long ? [lines, lines * 10] : [lines];
    const rows: string[][] = [];
    const peaks: number[] = [];
    for (const size of amounts) {
      const { log } = await workload.generated(options.seed, size);
      const runs: Run[] = [];
      for (let round = 0; round < (size > lines ? 1 : options.rounds); round++) runs.push(await run(gatewatch(['scan', log, '--json'])));
      const peak = median(runs.map(({ peakRss }) => peakRss));
      peaks.push(peak);
      rows.push([amount(size), megabytes(peak), secondsOf(median(runs.map(({ wall }) => wall)))]);
    }
    const [one = NaN, ten] = peaks;
    const growth = ten === undefined ? undefined : ten / one - 1;
    const verdict = growth !== undefined && growth > 0.1 ? 'missed' : atMost(one, 300 * mega, 150 * mega);
    return {
      measured: true,
      figure: one / mega,
      shown: `${megabytes(one)}${growth === undefined ? ' (growth: with --long)' : `, growth ${percent(growth)}`}`,
      verdict,
      tables: [{ head: ['lines', 'peak RSS', 'wall'], rows }],
      notes: ['gatewatch scan access.log --json, generated log; VmHWM of the process'],
      bound:
        'Node itself (about 50 MB), the geography tables, and how far V8 lets the young generation grow; a longer day has more clients, so more keys',
    };
  },
};
