import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, run } from '../measure.js';
import { root } from '../product.js';
import { amount, atMost, megabytes, millisOf, times } from '../report.js';
import type { RuleCost } from '../rule-cost.js';
import type { Goal } from './goal.js';

const sizes = [36, 300, 3000];

/** What a document costs with few and with thousands of rules, and what it takes to load them. */
export const manyRulesCost: Goal = {
  number: 5,
  title: 'cost per document with 3,000 rules ÷ with 36; loading (goal 4 asks for 2 s and 450 MB)',
  must: '≤ 3',
  aim: '≤ 1.7',
  async run({ options, workload }) {
    const { path } = await workload.documents(options.lines ?? 100_000);
    const found = new Map<number, RuleCost[]>(sizes.map((size) => [size, []]));
    for (let round = 0; round < options.rounds; round++)
      for (const size of sizes) {
        const out = workload.file('rule-cost.json');
        await run({ program: process.execPath, args: [join(root, 'dist/bench/rule-cost.js'), String(size), path], out });
        found.get(size)!.push(JSON.parse(readFileSync(out, 'utf8')) as RuleCost);
      }
    const of = (size: number, what: (cost: RuleCost) => number): number => median(found.get(size)!.map(what));
    const figure = of(3000, ({ event }) => event) / of(36, ({ event }) => event);
    return {
      measured: true,
      figure,
      shown: `${times(figure)}, loaded in ${millisOf(of(3000, ({ load }) => load))}`,
      verdict: atMost(figure, 3, 1.7),
      tables: [
        {
          head: ['rules', 'µs a document', 'of it matching and windows', 'loading', 'matches', 'RSS'],
          rows: sizes.map((size) => [
            amount(size),
            of(size, ({ event }) => event).toFixed(2),
            of(size, ({ matching }) => matching).toFixed(2),
            millisOf(of(size, ({ load }) => load)),
            amount(of(size, ({ matched }) => matched)),
            megabytes(of(size, ({ rss }) => rss)),
          ]),
        },
      ],
      notes: [
        'node dist/bench/rule-cost.js RULES DOCUMENTS: the 36 rules, and variants of their detections with other words; six correlations in all sizes',
      ],
      bound: 'reading the fields of a document, which all sizes share; then one search for all words of a field',
    };
  },
};
