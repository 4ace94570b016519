import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FreshKeys } from '../fresh-keys.js';
import { run } from '../measure.js';
import { root } from '../product.js';
import { amount, atMost, megabytes, times } from '../report.js';
import type { Goal } from './goal.js';

/** An attack on the detector itself: every event has a key that was never seen. */
export const freshKeys: Goal = {
  number: 16,
  title: 'flood of fresh keys: memory after it ÷ memory when the cap was reached (two rules, a million keys each)',
  must: '≤ 1.5, told',
  aim: '≤ 1.2, told',
  async run({ options, workload }) {
    const keys = options.lines ?? 10_000_000;
    const out = workload.file('fresh-keys.json');
    const { peakRss } = await run({ program: process.execPath, args: [join(root, 'dist/bench/fresh-keys.js'), String(keys)], out });
    const found = JSON.parse(readFileSync(out, 'utf8')) as FreshKeys;
    const [, second = found.rss[0]!] = found.rss;
    const figure = found.rss.at(-1)! / second;
    return {
      measured: true,
      figure,
      shown: `${times(figure)}, peak ${megabytes(peakRss)}, ${found.told ? 'told' : 'NOT told'}`,
      verdict: found.told ? atMost(figure, 1.5, 1.2) : 'missed',
      tables: [
        {
          head: ['tenth of the flood', 'events a second', 'RSS'],
          rows: found.rates.map((rate, i) => [String(i + 1), amount(rate), megabytes(found.rss[i]!)]),
        },
      ],
      notes: [
        `node dist/bench/fresh-keys.js ${keys}: an event_count and a value_count, one event from each address, 100,000 a second of event time`,
        `${amount(found.keys)} keys kept, ${amount(found.evicted)} given up, told in ${found.told} signals of gatewatch-detector-keys`,
      ],
      bound: 'hashing a fresh text, a place in two tables, and from the cap on giving up the oldest key for it',
    };
  },
};
