import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IdleKeys } from '../idle-keys.js';
import { run } from '../measure.js';
import { root } from '../product.js';
import { amount, atMost, megabytes } from '../report.js';
import type { Workload } from '../workload.js';
import type { Goal } from './goal.js';

const mixtures: readonly (readonly string[])[] = [
  ...[
    'event_count',
    'value_count',
    'temporal',
    'temporal_ordered',
    'value_sum',
    'value_avg',
    'value_median',
    'value_percentile',
    'new_value',
    'geo_velocity',
    'ratio',
    'spike',
    'absence',
    'sequence_walk',
    'risk',
    'crowd',
  ].map((type) => [type]),
  ['event_count', 'event_count', 'event_count', 'event_count'],
  ['event_count', 'event_count', 'event_count', 'value_count', 'value_count', 'temporal_ordered'],
];

/** Memory of keys that were seen once and wait. */
export const idleKeys: Goal = {
  number: 11,
  title: 'bytes per idle tracked key and rule',
  must: '≤ 250',
  aim: '≤ 120',
  async run({ options, workload }) {
    const keys = options.lines ?? 990_000;
    const rows: string[][] = [];
    let most = 0;
    for (const windows of mixtures) {
      const { found, rss } = await measured(keys, windows, workload);
      const each = (found.heap + found.external) / found.keys / windows.length;
      most = Math.max(most, each);
      rows.push([nameOf(windows), amount(found.keys), each.toFixed(0), amount(found.heap), amount(found.external), megabytes(rss)]);
    }
    return {
      measured: true,
      figure: most,
      shown: `${most.toFixed(0)} B (the rule type that takes most)`,
      verdict: atMost(most, 250, 120),
      tables: [{ head: ['rules on source.ip', 'keys', 'bytes a key and rule', 'heap', 'typed arrays', 'peak RSS'], rows }],
      notes: [
        'node --expose-gc dist/bench/idle-keys.js KEYS TYPE… (one event a key, what waits for the grace decided, state saved as at a checkpoint, everything collected; a rule tracks at most a million keys by default)',
        'the text of the key is kept once for all rules: a single rule bears it alone',
      ],
      bound:
        'the text of the key and its table (about 50 B), then two places for times and offsets a rule; slabs double, so up to half of them may be empty',
    };
  },
};

async function measured(keys: number, windows: readonly string[], workload: Workload): Promise<{ found: IdleKeys; rss: number }> {
  const out = workload.file('idle-keys.json');
  const args = ['--expose-gc', join(root, 'dist/bench/idle-keys.js'), String(keys), ...windows];
  const { peakRss } = await run({ program: process.execPath, args, out });
  return { found: JSON.parse(readFileSync(out, 'utf8')) as IdleKeys, rss: peakRss };
}

function nameOf(windows: readonly string[]): string {
  const kinds = [...new Set(windows)];
  return kinds.map((kind) => `${windows.filter((type) => type === kind).length} ${kind}`).join(', ');
}
