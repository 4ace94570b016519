import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatNames } from '#ingest';
import type { FormatCost } from '../format-cost.js';
import { median, run } from '../measure.js';
import { root } from '../product.js';
import { amount, atMost, times, type Table } from '../report.js';
import type { Workload } from '../workload.js';
import type { Goal } from './goal.js';

interface Sample {
  readonly name: string;
  /** As a source declares it. */
  readonly format: string;
  readonly files: readonly string[];
}

interface Measured extends FormatCost {
  readonly name: string;
}

const formats = join(root, 'libs/ingest/src/formats');
const records = join(formats, 'json/records');

/** What reading a line takes, format by format, beside only cutting it. */
export const formatCosts: Goal = {
  number: 20,
  title: 'parse + enrich per format, on one core: slowest format ÷ median, nanoseconds a byte',
  must: '≤ 3',
  aim: '≤ 2',
  async run({ options, workload }) {
    const own = await measured([...formatNames.map(formatSample), ...recordSamples()], workload);
    const given = options.samples === undefined ? [] : await measured(packageSamples(options.samples), workload);
    const rates = own.map(({ enrich, bytes }) => enrich / bytes);
    const figure = Math.max(...rates) / median(rates);
    const slowest = own[rates.indexOf(Math.max(...rates))]!;
    return {
      measured: true,
      figure,
      shown: `${times(figure)} (${slowest.name})`,
      verdict: atMost(figure, 3, 2),
      tables: [tableOf('format', own), ...(given.length ? [tableOf('samples of', given)] : [])],
      notes: [
        'node dist/bench/format-cost.js FORMAT FILE…: good lines of the fixtures, from 2,000 callers, again and again; events per second of processor time',
        'parse: what the parser itself sees; enriched: every field, network, geography, user agent, routes, redaction, the line kept',
      ],
      bound: 'the number of fields that a line holds, and JSON.parse; short lines bear the price of an event on few bytes',
    };
  },
};

function formatSample(name: string): Sample {
  return { name, format: name, files: logsOf(join(formats, name, 'fixtures')) };
}

function recordSamples(): Sample[] {
  return readdirSync(records, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name: `json: ${name}`, format: 'json', files: logsOf(join(records, name, 'fixtures')) }));
}

/** Raw logs of other projects' tests, a row for each package. */
function packageSamples(folder: string): Sample[] {
  const packages = join(folder, 'integrations');
  if (!existsSync(packages)) throw new Error(`--samples: there is no ${packages}`);
  return readdirSync(packages).map((name) => {
    const found = readdirSync(join(packages, name), { recursive: true, encoding: 'utf8' });
    const files = found.filter((path) => /[\\/]test-[^\\/]*\.log$/.test(path)).map((path) => join(packages, name, path));
    return { name, format: 'auto', files: files.filter((path) => isFile(path)) };
  });
}

function logsOf(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .map((name) => join(folder, name));
}

function isFile(path: string): boolean {
  try {
    return readFileSync(path).length > 0;
  } catch {
    // A case is a folder with the name of its log.
    return false;
  }
}

async function measured(samples: readonly Sample[], workload: Workload): Promise<Measured[]> {
  const found: Measured[] = [];
  for (const { name, format, files } of samples) {
    if (files.length === 0) continue;
    const out = workload.file('format-cost.json');
    await run({ program: process.execPath, args: [join(root, 'dist/bench/format-cost.js'), format, ...files], out });
    const cost = JSON.parse(readFileSync(out, 'utf8')) as FormatCost;
    if (cost.events > 0) found.push({ name, ...cost });
  }
  return found;
}

function tableOf(first: string, rows: readonly Measured[]): Table {
  return {
    head: [first, 'lines', 'bytes a line', 'only split/s', 'parse/s', 'enriched/s', 'ns a byte'],
    rows: rows.map(({ name, lines, events, bytes, split, parse, enrich }) => [
      name,
      `${events}/${lines}`,
      bytes.toFixed(0),
      amount(1e9 / split),
      amount(1e9 / parse),
      amount(1e9 / enrich),
      (enrich / bytes).toFixed(1),
    ]),
  };
}
