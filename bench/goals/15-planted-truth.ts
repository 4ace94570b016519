import { join } from 'node:path';
import { run } from '../measure.js';
import { gatewatch } from '../product.js';
import { percent, type Table } from '../report.js';
import { shippedNames } from '../shipped.js';
import { compare, readFound, readTruth, type Comparison } from '../truth.js';
import type { Goal } from './goal.js';

const seeds = 3;
const mostNamed = 8;
/** Kinds of which every single one must be found; of the others 95 in a hundred are aimed at. */
const payloadKinds = /injection|scripting|traversal|sqli|xss|log4shell|server_side/;

/** What was planted, found; what was not, left in peace. */
export const plantedTruth: Goal = {
  number: 15,
  title: 'planted attacks found; near misses and clean addresses accused (scan, shipped rules)',
  must: '100 % of bursts, probings, floods, distributed; 0 accused',
  aim: 'payloads ≥ 95 %, too',
  async run({ options, workload }) {
    const lines = options.lines ?? 300_000;
    const names = shippedNames();
    const scanned = async (log: string, truth: string): Promise<Comparison> => {
      const out = workload.file('found.ndjson');
      await run(gatewatch(['scan', log, '--json'], { out }));
      return compare(readTruth(truth), readFound(out, names));
    };
    const results: [name: string, result: Comparison][] = [];
    for (let seed = options.seed; seed < options.seed + seeds; seed++) {
      const { log, truth } = await workload.generated(seed, lines);
      results.push([`seed ${seed}`, await scanned(log, truth)]);
    }
    const { log, truth } = await workload.generated(options.seed, lines, 'ecs');
    results.push([`seed ${options.seed}, JSON`, await scanned(log, truth)]);
    if (options.workload !== undefined) {
      const { workload: outside } = options;
      results.push(['outside', await scanned(join(outside, 'access.log'), join(outside, 'truth.json'))]);
    }
    return outcome(results, lines);
  },
};

function outcome(results: readonly (readonly [string, Comparison])[], lines: number): Awaited<ReturnType<Goal['run']>> {
  const sums = { must: { planted: 0, found: 0 }, payload: { planted: 0, found: 0 } };
  for (const [, { kinds }] of results)
    for (const [kind, { planted, found }] of kinds) {
      const sum = payloadKinds.test(kind) ? sums.payload : sums.must;
      sum.planted += planted;
      sum.found += found;
    }
  const accused = results.reduce((sum, [, { accusedClean, accusedNearMisses }]) => sum + accusedClean.length + accusedNearMisses.length, 0);
  const share = ({ planted, found }: { planted: number; found: number }): number => (planted ? found / planted : 1);
  const must = share(sums.must) === 1 && accused === 0;
  const aim = must && share(sums.payload) >= 0.95;
  return {
    measured: true,
    figure: share(sums.must),
    shown: `${percent(share(sums.must))}, payloads ${percent(share(sums.payload))}, ${accused} accused`,
    verdict: aim ? 'aim' : must ? 'must' : 'missed',
    tables: [kindTable(results), accusedTable(results)],
    notes: [
      `gatewatch generate --lines ${lines} --seed N --truth FILE; gatewatch scan access.log --json; "found" asks for every rule that the truth names`,
      ...results.flatMap(([name, { missed, accusedNearMisses, accusedClean }]) => [
        ...listed(`${name}: missed`, missed),
        ...listed(`${name}: should be quiet`, accusedNearMisses),
        ...listed(`${name}: clean and accused`, accusedClean),
      ]),
    ],
    bound: 'what a plain access log tells: no bodies, no answers',
  };
}

function kindTable(results: readonly (readonly [string, Comparison])[]): Table {
  const kinds = [...new Set(results.flatMap(([, { kinds: found }]) => [...found.keys()]))].sort();
  return {
    head: ['found / planted', ...results.map(([name]) => name)],
    rows: kinds.map((kind) => [
      kind,
      ...results.map(([, { kinds: counts }]) => {
        const { planted, found, byAnyRule } = counts.get(kind) ?? { planted: 0, found: 0, byAnyRule: 0 };
        if (!planted) return '–';
        return `${found} / ${planted}${byAnyRule > found ? ` (any rule: ${byAnyRule})` : ''}`;
      }),
    ]),
  };
}

function accusedTable(results: readonly (readonly [string, Comparison])[]): Table {
  return {
    head: ['accused', ...results.map(([name]) => name)],
    rows: [
      [
        'near misses and quiet rules',
        ...results.map(([, found]) => `${found.accusedNearMisses.length} (${found.nearMisses} near misses planted)`),
      ],
      ['clean addresses, users, routes', ...results.map(([, found]) => String(found.accusedClean.length))],
    ],
  };
}

function listed(title: string, entries: readonly string[]): string[] {
  if (!entries.length) return [];
  const more = entries.length > mostNamed ? `; and ${entries.length - mostNamed} more` : '';
  return [`${title}: ${entries.slice(0, mostNamed).join('; ')}${more}`];
}
