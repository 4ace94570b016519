import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Chain, ChainCost } from '../chain-cost.js';
import { feedOf } from '../feed.js';
import { median, run } from '../measure.js';
import { root } from '../product.js';
import { amount, atLeast, times } from '../report.js';
import type { Goal } from './goal.js';

const compared = ['plain', 'lazy', 'full'] as const satisfies readonly Chain[];
const shown: Readonly<Record<Chain, string>> = {
  plain: 'parsing and rules alone',
  lazy: 'enrichers on, fields when a rule asks (scan)',
  full: 'every field of every event (service)',
};
const prefixes = 500_000;

/** What everything that can be added to an event costs the chain from log to signal. */
export const everythingOn: Goal = {
  number: 21,
  title: 'log → signals with routes, geography, user agents, feeds of 500,000 prefixes, redaction ÷ with parsing and rules alone',
  must: '≥ 0.5 ×',
  aim: '≥ 0.75 ×',
  async run({ options, workload }) {
    const { path } = await workload.access(options.lines ?? 300_000);
    const feed = workload.write('feed.txt', feedOf(prefixes));
    const found: Record<Chain, ChainCost[]> = { plain: [], lazy: [], full: [] };
    for (let round = 0; round < options.rounds; round++)
      for (const chain of compared) {
        const out = workload.file('chain-cost.json');
        await run({ program: process.execPath, args: [join(root, 'dist/bench/chain-cost.js'), chain, path, feed], out });
        found[chain].push(JSON.parse(readFileSync(out, 'utf8')) as ChainCost);
      }
    const ratio = (chain: Chain): number => median(found.plain.map(({ event }, round) => event / found[chain][round]!.event));
    const figure = ratio('full');
    return {
      measured: true,
      figure,
      shown: `${times(figure)} with every field, ${times(ratio('lazy'))} with those that rules ask for`,
      verdict: atLeast(figure, 0.5, 0.75),
      tables: [
        {
          head: ['chain', 'events/s', 'µs an event', 'rate ÷ alone', 'signals'],
          rows: compared.map((chain) => {
            const cost = median(found[chain].map(({ event }) => event));
            return [
              shown[chain],
              amount(1e6 / cost),
              cost.toFixed(2),
              times(ratio(chain)),
              amount(median(found[chain].map((one) => one.signals))),
            ];
          }),
        },
      ],
      notes: [
        'node dist/bench/chain-cost.js plain|lazy|full LOG FEED: shipped rules; processor time of one process, side by side, pair by pair',
      ],
      bound: 'filling some twenty fields more of each event; the dearest are routes and the caches of addresses and user agents',
    };
  },
};
